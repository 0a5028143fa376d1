/**
 * What pip and uv need of the surroundings: where they were installed, the user's index, proxy and certificates.
 * Nothing of it reaches a job.
 */
export function installerEnvironment(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|LANG|LC_.*|TMPDIR|XDG_.*|PIP_.*|UV_.*|https?_proxy|no_proxy|all_proxy|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PYENV_.*)$/i;
  return pick(wanted);
}

/** Of these, where pip finds its index: for pip in a container, which has folders of its own. */
export function indexSettings(): Record<string, string> {
  const ofTheMachine = /^(PATH|HOME|LANG|LC_|TMPDIR|XDG_|PYENV_)/;
  return Object.fromEntries(Object.entries(installerEnvironment()).filter(([name]) => !ofTheMachine.test(name)));
}

/** What describes the processor to numerical libraries: it belongs to the machine, and a job computes wrongly or slowly without it. */
export function machineEnvironment(): Record<string, string> {
  return pick(/^OPENBLAS_/);
}

function pick(wanted: RegExp): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && wanted.test(name)) found[name] = value;
  return found;
}
