export interface ProcessLimits {
  /** Of address space, each process. */
  readonly memoryBytes?: number;
  readonly openFiles?: number;
  readonly processes?: number;
  /** Of one file that it writes. */
  readonly fileBytes?: number;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Limits are set by the shell's `ulimit`, which every POSIX system has; the script is constant, the rest are its arguments. */
export function underLimits(command: Command, limits: ProcessLimits | undefined): Command {
  const options = limits ? toOptions(limits) : [];
  if (options.length === 0) return command;
  const script = 'while [ "$1" != -- ]; do ulimit "$1" "$2" || exit 97; shift 2; done; shift; exec "$@"';
  return {
    ...command,
    command: "/bin/sh",
    args: ["-c", script, "sh", ...options, "--", command.command, ...command.args],
  };
}

function toOptions(limits: ProcessLimits): string[] {
  const options: string[] = [];
  const add = (option: string, value: number | undefined) =>
    value !== undefined && options.push(option, String(Math.ceil(value)));
  add("-v", limits.memoryBytes === undefined ? undefined : limits.memoryBytes / 1024);
  add("-n", limits.openFiles);
  // dash says -p for what bash and ksh call -u; both take -f in blocks of 512 bytes.
  add("-p", limits.processes);
  add("-f", limits.fileBytes === undefined ? undefined : limits.fileBytes / 512);
  return options;
}
