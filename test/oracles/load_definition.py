"""Loads pipeline definitions into the objects of the SageMaker Python SDK, 2 or 3, and has it write them again: python load_definition.py made.json

The SDK has no reader of its own, so each part becomes the object whose JSON it is. A reference must be one that the SDK can make: a
property that the step's Describe operation has, an output that the Lambda step names, a property file that the Processing step has.
Prints, for each kind, what differs, and the graph of steps as the SDK sees it.
"""

import json
import os
import re
import sys
import warnings
from importlib.util import find_spec

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
warnings.simplefilter("ignore")

import boto3

if find_spec("sagemaker.mlops"):
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.lambda_helper import Lambda
    from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import ParameterString
    from sagemaker.core.workflow.properties import Properties, PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
    from sagemaker.mlops.workflow.pipeline import Pipeline, PipelineGraph
    from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy
    from sagemaker.mlops.workflow.steps import CacheConfig, ConfigurableRetryStep, StepTypeEnum
else:
    from sagemaker import Session
    from sagemaker.lambda_helper import Lambda
    from sagemaker.workflow.condition_step import ConditionStep
    from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
    from sagemaker.workflow.execution_variables import ExecutionVariables
    from sagemaker.workflow.fail_step import FailStep
    from sagemaker.workflow.functions import Join, JsonGet
    from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
    from sagemaker.workflow.parameters import ParameterString
    from sagemaker.workflow.pipeline import Pipeline, PipelineGraph
    from sagemaker.workflow.properties import Properties, PropertyFile
    from sagemaker.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy
    from sagemaker.workflow.steps import CacheConfig, ConfigurableRetryStep, StepTypeEnum
VARIABLES = {"PipelineExecutionId": ExecutionVariables.PIPELINE_EXECUTION_ID}
DESCRIBED = {
    "Processing": ("DescribeProcessingJobResponse", StepTypeEnum.PROCESSING),
    "Training": ("DescribeTrainingJobResponse", StepTypeEnum.TRAINING),
    "RegisterModel": ("DescribeModelPackageOutput", StepTypeEnum.REGISTER_MODEL),
}


class JobStep(ConfigurableRetryStep):
    """A step whose arguments are those of the operation that it calls: what ProcessingStep, TrainingStep and ModelStep come to."""

    def __init__(self, step, loader):
        shape, kind = DESCRIBED[step["Type"]]
        super().__init__(step["Name"], kind, retry_policies=[retry(one) for one in step.get("RetryPolicies", [])])
        self._properties = Properties(step_name=step["Name"], shape_name=shape)
        self.property_files = [PropertyFile(one["PropertyFileName"], one["OutputName"], one["FilePath"]) for one in step.get("PropertyFiles", [])]
        cache = step.get("CacheConfig")
        self.cache_config = cache and CacheConfig(enable_caching=cache["Enabled"], expire_after=cache["ExpireAfter"])
        loader.steps[self.name] = self
        self._arguments = loader.value(step["Arguments"])

    @property
    def arguments(self):
        return self._arguments

    @property
    def properties(self):
        return self._properties

    def to_request(self):
        request = super().to_request()
        if self.cache_config:
            request.update(self.cache_config.config)
        if self.property_files:
            request["PropertyFiles"] = [file.expr for file in self.property_files]
        return request


class Loader:
    def __init__(self, definition):
        self.definition = definition
        self.parameters = {one["Name"]: ParameterString(name=one["Name"], default_value=one["DefaultValue"]) for one in definition["Parameters"]}
        self.steps = {}

    def pipeline(self, name, session):
        steps = [self.step(one) for one in self.definition["Steps"]]
        return Pipeline(name=name, parameters=list(self.parameters.values()), steps=steps, sagemaker_session=session)

    def step(self, step):
        arguments, name = step["Arguments"], step["Name"]
        if step["Type"] in DESCRIBED:
            return JobStep(step, self)
        if step["Type"] == "Lambda":
            outputs = [LambdaOutput(one["OutputName"], member(LambdaOutputTypeEnum, one["OutputType"])) for one in step["OutputParameters"]]
            made = LambdaStep(name=name, lambda_func=Lambda(function_arn=step["FunctionArn"]), inputs=self.value(arguments), outputs=outputs)
        elif step["Type"] == "Condition":
            conditions = [ConditionGreaterThanOrEqualTo(left=self.value(one["LeftValue"]), right=one["RightValue"]) for one in arguments["Conditions"]]
            branches = [[self.step(one) for one in arguments[branch]] for branch in ("IfSteps", "ElseSteps")]
            made = ConditionStep(name=name, conditions=conditions, if_steps=branches[0], else_steps=branches[1])
        elif step["Type"] == "Fail":
            made = FailStep(name=name, error_message=self.value(arguments["ErrorMessage"]))
        else:
            raise ValueError(f"{name}: the SDK has no {step['Type']} step here")
        self.steps[name] = made
        return made

    def value(self, value):
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "Std:Join" in value:
            return Join(on=value["Std:Join"]["On"], values=self.value(value["Std:Join"]["Values"]))
        if "Std:JsonGet" in value:
            step, file = re.fullmatch(r"Steps\.(\w+)\.PropertyFiles\.(\w+)", value["Std:JsonGet"]["PropertyFile"]["Get"]).groups()
            [known] = [one for one in self.steps[step].property_files if one.name == file]
            return JsonGet(step_name=step, property_file=known, json_path=value["Std:JsonGet"]["Path"])
        if set(value) == {"Get"}:
            return self.reference(value["Get"])
        return {name: self.value(one) for name, one in value.items()}

    def reference(self, path):
        first, _, rest = path.partition(".")
        if first == "Parameters":
            return self.parameters[rest]
        if first == "Execution":
            return VARIABLES[rest]
        name, _, member = rest.partition(".")
        step = self.steps[name]
        if isinstance(step, LambdaStep):
            return step.properties.Outputs[re.fullmatch(r"OutputParameters\['(\w+)'\]", member)[1]]
        found = step.properties
        for part, key in re.findall(r"(\w+)(?:\['([^']+)'\])?", member):
            found = getattr(found, part)
            found = found[key] if key else found
        return found


def member(of, value):
    """The SDK's enumerations give their first member for what they do not have."""
    return next(one for one in of if one.value == value)


def retry(policy):
    kinds = [member(StepExceptionTypeEnum, one) for one in policy["ExceptionType"]]
    return StepRetryPolicy(exception_types=kinds, interval_seconds=policy["IntervalSeconds"], backoff_rate=policy["BackoffRate"], max_attempts=policy["MaxAttempts"])


def compared(definition):
    try:
        return written_again(definition)
    except Exception as error:  # What the SDK does not take is an answer, not a failure of this program.
        return {"differs": [f"{type(error).__name__}: {error}"]}


def written_again(definition):
    session = Session(boto_session=boto3.Session(region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"))
    pipeline = Loader(definition).pipeline("oracle", session)
    written = json.loads(pipeline.definition())
    differs = differing(written, definition)
    graph = PipelineGraph.from_pipeline(pipeline)
    return {"differs": differs, "graph": {name: sorted(after) for name, after in graph.adjacency_list.items()}, "written": written if differs else None}


def differing(written, definition):
    return [part for part in ("Version", "Parameters", "Steps") if written[part] != definition[part]]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps({one["kind"]: compared(one["definition"]) for one in json.load(file)}))
