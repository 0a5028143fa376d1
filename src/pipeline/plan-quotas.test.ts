import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { withClients } from "#aws";
import { isOffered } from "./plan-instances.ts";
import { askQuotas, neededQuotas } from "./plan-quotas.ts";

const way = { on: "endpoint", type: "ml.m5.large", instances: 2 } as const;

/** A server that answers as Service Quotas does. */
async function ask(answer: (input: Record<string, unknown>) => [number, object]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      asked.push(`${String(request.headers["x-amz-target"])} ${body}`);
      const [status, content] = answer(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const target = {
    name: "aws",
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  try {
    return { asked, found: await withClients(target, (aws) => askQuotas(target, aws, { way, type: "ml.m5.large" })) };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const quota = (QuotaName: string, Value: number, QuotaCode: string) => ({ QuotaName, Value, QuotaCode });

describe("quotas", () => {
  it("are looked for page by page, and what is too little comes with the command that asks for more", async () => {
    const { asked, found } = await ask(({ ServiceCode, NextToken }) => {
      if (ServiceCode === "lambda") return [200, { Quotas: [quota("Concurrent executions", 1000, "L-B99A9384")] }];
      if (NextToken === undefined)
        return [200, { Quotas: [quota("ml.m5.large for endpoint usage", 0, "L-1")], NextToken: "2" }];
      return [
        200,
        {
          Quotas: [
            quota("ml.m5.large for training job usage", 15, "L-611FA074"),
            quota("ml.m5.large for processing job usage", 4, "L-8541302D"),
            quota("ml.m5.large for transform job usage", 1, "L-236AE59F"),
          ],
          NextToken: "3",
        },
      ];
    });
    expect(asked).toHaveLength(3);
    expect(asked[0]).toContain("ServiceQuotasV20190624.ListServiceQuotas");
    expect(found.notAsked).toBeUndefined();
    expect(found.quotas.filter(({ ask: command }) => command !== undefined)).toEqual([
      {
        name: "ml.m5.large for endpoint usage",
        needed: 2,
        allowed: 0,
        ask: "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-1 --desired-value 2 --region eu-west-1",
      },
    ]);
  });

  it("stay unknown without the permission, which is said", async () => {
    const message = "User: x is not authorized to perform: servicequotas:ListServiceQuotas";
    const { found } = await ask(() => [400, { __type: "AccessDeniedException", Message: message }]);
    expect(found.notAsked).toBe(message);
    expect(found.quotas.every(({ allowed }) => allowed === undefined)).toBe(true);
  });

  it("are those of the way a model is served", () => {
    const names = (one: Parameters<typeof neededQuotas>[0]["way"]) =>
      neededQuotas({ way: one, type: "ml.m5.large" }).map(({ name, needed }) => `${needed} ${name}`);
    expect(names({ on: "lambda", memory: 512 }).join()).not.toContain("endpoint");
    expect(names({ on: "serverless", memory: 2048, concurrency: 7 }).join()).toContain("7 Maximum total concurrency");
    const scaling = { min: 1, max: 4, invocationsPerInstance: 100 };
    expect(names({ ...way, instances: 1, scaling })).toContain("4 ml.m5.large for endpoint usage");
  });
});

it("knows what a region offers, and does not claim to know more", () => {
  expect(isOffered("hosting", "ml.m5.large", "us-east-1")).toBe(true);
  expect(isOffered("hosting", "ml.m5.large", "mx-central-1")).toBe(false);
  expect(isOffered("hosting", "ml.m6i.large", "mx-central-1")).toBe(true);
  expect(isOffered("processing", "ml.m5.large", "eu-west-1")).toBe(true);
  expect(isOffered("hosting", "ml.x99.large", "us-east-1")).toBeUndefined();
  expect(isOffered("hosting", "ml.m5.large", "moon-1")).toBeUndefined();
});
