const noBody = "the case has no body: it only checks what a client announces";
const noTarget = "the case leaves out X-Amz-Target, by which such a request is routed";
const basePath = "the case puts the service below a path of its own; ours answers at the root";
const nothingSent = "an empty list or map leaves no trace in the request";
const noContent = "an answer without a body has no content type here";
const clientFills = "the client fills the token in; we read what it sent";

/** Cases that do not hold here, each with its reason; a case that holds after all fails the test. */
export const inputDifferences: Readonly<Record<string, string>> = {
  SDKAppliedContentEncoding_awsJson1_1: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1: noBody,
  SDKAppliedContentEncoding_awsJson1_0: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0: noBody,
  SDKAppliedContentEncoding_awsQuery: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery: noBody,
  SDKAppliedContentEncoding_ec2Query: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query: noBody,
  SDKAppliedContentEncoding_restJson1: noBody,
  SDKAppendedGzipAfterProvidedEncoding_restJson1: noBody,
  SDKAppliedContentEncoding_restXml: noBody,
  SDKAppendedGzipAfterProvidedEncoding_restXml: noBody,
  AwsJson10EndpointTrait: noTarget,
  AwsJson10EndpointTraitWithHostLabel: noTarget,
  AwsJson10HostWithPath: basePath,
  RestJsonHostWithPath: basePath,
  QueryEmptyQueryMaps: nothingSent,
  Ec2EmptyQueryLists: nothingSent,
  RestJsonHttpPrefixHeadersAreNotPresent: nothingSent,
  HttpPrefixHeadersAreNotPresent: nothingSent,
  RestJsonOmitsEmptyListQueryValues: nothingSent,
  QueryProtocolIdempotencyTokenAutoFill: clientFills,
  Ec2ProtocolIdempotencyTokenAutoFill: clientFills,
  RestJsonQueryIdempotencyTokenAutoFill: clientFills,
  QueryIdempotencyTokenAutoFill: clientFills,
  RestJsonQueryPrecedence: "a member wins over the map's entry of that name, which is therefore not sent",
  RestXmlQueryPrecedence: "a member wins over the map's entry of that name, which is therefore not sent",
  RestJsonHttpWithEmptyStructurePayload: "an absent payload is sent as {}, as an empty one is",
  RestJsonHttpWithHeadersButNoPayload: "an absent payload is sent as {}, as an empty one is",
};

export const outputDifferences: Readonly<Record<string, string>> = {
  HttpPrefixHeadersResponse: "all headers are members here, and ours has a request id among them",
  "rest-xml HttpPrefixHeadersAreNotPresent": nothingSent,
  RestJsonDeserializesDenseSetMapAndSkipsNull: "we read a null, so that validation can refuse it; clients skip it",
  RpcV2CborDeserializesDenseSetMapAndSkipsNull: "we read a null, so that validation can refuse it; clients skip it",
  "rest-xml ComplexError": "the case does not expect the message that its answer has",
  Ec2ComplexError: "the case does not expect the message that its answer has",
  Ec2XmlEmptyLists: "the one case of EC2's without a charset in its content type",
  RestXmlHttpResponseCode: noContent,
  "rest-xml IgnoreQueryParamsInResponse":
    "a member bound to the query is not written into an answer; no model of ours has one",
};
