import type { Caller } from "#aws";

/** How long the deploy function is left alone after it was told. */
const PAUSE_MILLISECONDS = 10_000;

/** Whether the endpoint sleeps. Then it is brought back: nobody waits for that here, it takes minutes on AWS. */
export function waker(aws: Caller, of: { readonly servingUri: string; readonly deployFunction: string }) {
  let told = -Infinity;
  return async (): Promise<boolean> => {
    try {
      const path = `${of.servingUri.slice("s3:/".length)}/asleep.json`;
      const asleep = await aws.request({ host: "s3", method: "GET", path });
      if (asleep.status !== 200) return false;
      if (performance.now() - told < PAUSE_MILLISECONDS) return true;
      told = performance.now();
      const answer = await aws.request({
        host: "lambda",
        method: "POST",
        path: `/2015-03-31/functions/${of.deployFunction}/invocations`,
        headers: { "x-amz-invocation-type": "Event", "content-type": "application/json" },
        body: JSON.stringify({ source: "cauce", "detail-type": "Cauce Model Wanted" }),
      });
      if (answer.status !== 202) throw new Error(`Invoke answered ${answer.status}: ${answer.body.toString()}`);
    } catch (error) {
      console.error("The endpoint could not be brought back", error);
    }
    return true;
  };
}
