// AWS's runtime client speaks to its API through native code that its package would build. Told so by
// AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1 it asks for events by Node's own HTTP; answers it leaves to the native code, for
// which this stands in.
const { request } = require("node:http");
const Module = require("node:module");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const native = Module._extensions[".node"];
Module._extensions[".node"] = (module, file) => {
  if (!file.endsWith("/rapid-client.node")) return native(module, file);
  const post = (kind) => (id, body) =>
    request({ host, port, method: "POST", path: `/2018-06-01/runtime/invocation/${id}/${kind}` }).end(body);
  module.exports = { done: post("response"), error: post("error") };
};
