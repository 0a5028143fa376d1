/** What a role may do and does not do in a whole run on the embedded AWS, and why it may all the same. */
export const UNUSED: readonly { readonly what: RegExp; readonly why: string }[] = [
  {
    what: /^penguins-(prepare|train|evaluate|model)-us-east-1: logs:(CreateLogGroup|CreateLogStream|DescribeLogStreams|PutLogEvents)$/,
    why: "AWS: SageMaker writes a container's log as the container's role ('SageMaker roles', developer guide). The embedded AWS writes it itself.",
  },
  {
    what: /^penguins-(prepare|train|evaluate|model)-us-east-1: cloudwatch:PutMetricData$/,
    why: "AWS: and its metrics. The embedded AWS has no such metrics.",
  },
  {
    what: /^penguins-(prepare|train|evaluate|model)-us-east-1: ecr:(GetAuthorizationToken|BatchCheckLayerAvailability|GetDownloadUrlForLayer|BatchGetImage)$/,
    why: "AWS: and fetches its image as that role. The embedded AWS has a runtime for each image.",
  },
  {
    what: /^penguins-(prepare|train|evaluate|model)-us-east-1: s3:AbortMultipartUpload$/,
    why: "AWS: outputs of many megabytes are uploaded in parts, and a failed upload leaves parts that cost money unless it is aborted.",
  },
  {
    what: /^penguins-pipeline-us-east-1: sagemaker:Stop(Processing|Training)Job$/,
    why: "When a run is stopped, the pipeline stops its jobs.",
  },
  {
    what: /^penguins-pipeline-us-east-1: sagemaker:AddTags$/,
    why: "AWS: a pipeline tags the jobs and packages that it makes, and creating with tags asks for AddTags too (service authorization reference).",
  },
  {
    what: /^penguins-batch-us-east-1: s3:(AbortMultipartUpload|ListBucket)$/,
    why: "The answers of a large table are uploaded in parts; a table that is a folder of files is listed.",
  },
  {
    what: /^penguins-batch-us-east-1: (sagemaker:InvokeEndpoint|lambda:InvokeFunction)$/,
    why: "Rows that the job could not answer are asked for one by one, of what serves; here it answers all.",
  },
  {
    what: /^penguins-deploy-us-east-1: cloudwatch:GetMetricData$/,
    why: "With maxIdle the function asks by the hour whether anybody has asked the model; the run does not last so long.",
  },
  {
    what: /^penguins-deploy-us-east-1: sagemaker:DescribeEndpointConfig$/,
    why: "AWS: registering an endpoint for scaling looks at its configuration ('Auto scaling prerequisites', developer guide). The embedded AWS looks at the endpoint.",
  },
  {
    what: /^penguins-predict-us-east-1: lambda:InvokeFunction$/,
    why: "With maxIdle a request that finds no endpoint has it brought back.",
  },
];
