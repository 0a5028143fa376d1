/**
 * What pip and uv need of the surroundings: where they were installed, the user's index, proxy and certificates.
 * For what is made outside of containers: nothing of it reaches a job, which has `pipSettings`.
 */
export function installerEnvironment(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|LANG|LC_.*|TMPDIR|XDG_.*|PIP_.*|UV_.*|https?_proxy|no_proxy|all_proxy|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PYENV_.*)$/i;
  return pick(wanted);
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
