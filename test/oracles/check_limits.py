"""Every name, text and number of a synthesised project against the limits in botocore's models: python check_limits.py made.json

made.json: [{"kind", "template", "definition", "account", "region"}]. botocore's own validator knows types and required members; what a
value may be (length, pattern, enumeration, range) stands in the models too, and is checked here. A reference of the pipeline is
replaced by the longest value that it can have, an intrinsic function of the template by what CloudFormation makes of it.
"""

import json
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()
EXECUTION = "abcdefghijkl"
STEPS = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": f"pipelines-{EXECUTION}-PrepareScript-0123456789"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": f"pipelines-{EXECUTION}-Train-0123456789"}),
    "RegisterModel": ("CreateModelPackage", {}),
}
# What a resource's properties are in the operation that makes it; a text where the template has an object.
RESOURCES = {
    "AWS::IAM::Role": [("iam", "CreateRole", ("RoleName", "AssumeRolePolicyDocument", "Tags"))],
    "AWS::Lambda::Function": [("lambda", "CreateFunction", ("FunctionName", "Description", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "EphemeralStorage", "Architectures", "Environment", "Code"))],
    "AWS::Logs::LogGroup": [("logs", "CreateLogGroup", ("LogGroupName",)), ("logs", "PutRetentionPolicy", ("LogGroupName", "RetentionInDays"))],
    "AWS::Events::Rule": [("events", "PutRule", ("Name", "Description", "EventPattern", "State", "Tags"))],
    "AWS::SageMaker::Pipeline": [("sagemaker", "CreatePipeline", ("PipelineName", "PipelineDisplayName", "PipelineDefinition", "RoleArn", "Tags"))],
    "AWS::SageMaker::ModelPackageGroup": [("sagemaker", "CreateModelPackageGroup", ("ModelPackageGroupName", "Tags"))],
    "AWS::ApiGateway::RestApi": [("apigateway", "CreateRestApi", ("Name", "Description"))],
    "AWS::ApiGateway::Stage": [("apigateway", "CreateStage", ("StageName",))],
}
# AWS, quotas that are in no model: IAM (inline policies of a role together, trust policy), Lambda (variables), API Gateway (path part), CloudFormation.
INLINE_POLICIES, TRUST_POLICY, VARIABLES = 10_240, 2_048, 4_096
TEMPLATE, RESOURCE_COUNT, DEFINITION, TAG_COUNT = 1_000_000, 500, 1_048_576, 50


class Project:
    def __init__(self, made):
        self.template, self.definition = made["template"], made["definition"]
        self.account, self.region = made["account"], made["region"]
        self.problems = []

    def wrong(self, where, what):
        self.problems.append(f"{where}: {what}")

    def check(self):
        self.checked = 0
        for step in every_step(self.definition["Steps"]):
            self.step(step)
        for name, resource in self.template["Resources"].items():
            self.resource(name, resource)
        self.sizes()
        return {"checked": self.checked, "problems": self.problems, "template": len(json.dumps(self.template)), "definition": len(json.dumps(self.definition))}

    def step(self, step):
        if not re.fullmatch(r"[A-Za-z0-9\-_]{1,64}", step["Name"]):
            self.wrong(step["Name"], "no name of a step")
        for argument in step["Arguments"].values() if step["Type"] == "Lambda" else []:
            if isinstance(self.resolved(argument), (dict, list)):
                self.wrong(step["Name"], "a Lambda step's arguments are flat")
        if step["Type"] not in STEPS:
            return
        operation, given = STEPS[step["Type"]]
        shape = session.get_service_model("sagemaker").operation_model(operation).input_shape
        arguments = self.resolved(step["Arguments"]) | given
        report = ParamValidator().validate(arguments, shape)
        if report.has_errors():
            self.wrong(step["Name"], report.generate_report())
        self.value(arguments, shape, step["Name"])

    def resolved(self, value):
        """A pipeline's references become what they can be."""
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "Std:Join" in value:
            join = value["Std:Join"]
            return join["On"].join(str(self.resolved(one)) for one in join["Values"])
        if "Std:JsonGet" in value:
            return "multiclass"
        if set(value) == {"Get"}:
            return self.reference(value["Get"])
        return {name: self.resolved(one) for name, one in value.items()}

    def reference(self, path):
        if path == "Execution.PipelineExecutionId":
            return EXECUTION
        first, _, rest = path.partition(".")
        if first == "Parameters":
            return next(one["DefaultValue"] for one in self.definition["Parameters"] if one["Name"] == rest)
        name, _, member = rest.partition(".")
        step = next(one for one in every_step(self.definition["Steps"]) if one["Name"] == name)
        if member == "ModelArtifacts.S3ModelArtifacts":
            return f"{step['Arguments']['OutputDataConfig']['S3OutputPath']}/pipelines-{EXECUTION}-{name}-0123456789/output/model.tar.gz"
        if output := re.fullmatch(r"ProcessingOutputConfig\.Outputs\['([^']+)'\]\.S3Output\.S3Uri", member):
            outputs = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
            return self.resolved(next(one for one in outputs if one["OutputName"] == output[1])["S3Output"]["S3Uri"])
        if output := re.fullmatch(r"OutputParameters\['([^']+)'\]", member):
            variables = self.template["Resources"]["ExtractFunction"]["Properties"]["Environment"]["Variables"]
            long = f"{variables['OUTPUT_URI']}/{'0' * 32}/"
            return "123456789" if output[1] in ("Rows", "Columns") else long
        raise ValueError(f"no rule for {path}")

    def resource(self, name, resource):
        properties = self.made(resource.get("Properties", {}))
        for service, operation, members in RESOURCES.get(resource["Type"], []):
            shape = session.get_service_model(service).operation_model(operation).input_shape
            for member in members:
                value = properties.get(member)
                own = next((one for one in shape.members if one.lower() == member.lower()), None)
                if own is None:
                    self.wrong(name, f"{operation} has no {member}")
                elif value is not None:
                    self.value(as_text(value) if shape.members[own].type_name == "string" else value, shape.members[own], f"{name}.{member}")
        if len(properties.get("Tags", [])) > TAG_COUNT:
            self.wrong(name, f"{len(properties['Tags'])} tags")
        if resource["Type"] == "AWS::IAM::Role":
            self.limit(name, "inline policies", sum(len(as_text(one["PolicyDocument"])) for one in properties["Policies"]), INLINE_POLICIES)
            self.limit(name, "trust policy", len(as_text(properties["AssumeRolePolicyDocument"])), TRUST_POLICY)
        if resource["Type"] == "AWS::Lambda::Function":
            self.limit(name, "environment", len(as_text(properties["Environment"]["Variables"]).encode()), VARIABLES)
        if resource["Type"] == "AWS::Events::Rule":
            shape = session.get_service_model("events").operation_model("PutTargets").input_shape
            self.value(properties["Targets"], shape.members["Targets"], f"{name}.Targets")

    def made(self, value):
        """What CloudFormation makes of a template's value."""
        if isinstance(value, list):
            return [self.made(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "Fn::Sub" in value:
            return re.sub(r"\$\{([^}]+)\}", lambda one: self.named(one[1]), value["Fn::Sub"])
        if "Ref" in value:
            return self.named(value["Ref"])
        if "Fn::GetAtt" in value:
            return self.named(".".join(value["Fn::GetAtt"]))
        return {name: self.made(one) for name, one in value.items()}

    def named(self, name):
        known = {"AWS::Partition": "aws", "AWS::Region": self.region, "AWS::AccountId": self.account, "AWS::URLSuffix": "amazonaws.com"}
        if name in known:
            return known[name]
        logical, _, attribute = name.partition(".")
        resource = self.template["Resources"][logical]
        properties = resource["Properties"]
        arns = {
            "AWS::IAM::Role": lambda: f"arn:aws:iam::{self.account}:role/{properties['RoleName']}",
            "AWS::Lambda::Function": lambda: f"arn:aws:lambda:{self.region}:{self.account}:function:{properties['FunctionName']}",
            "AWS::Events::Rule": lambda: f"arn:aws:events:{self.region}:{self.account}:rule/{properties['Name']}",
        }
        return arns[resource["Type"]]() if attribute == "Arn" else "a1b2c3d4e5"

    def value(self, value, shape, where):
        """What the model says of this value, and of all that is in it."""
        self.checked += 1
        limits = shape.metadata
        if shape.type_name == "structure" and isinstance(value, dict):
            for name, one in value.items():
                if name in shape.members:
                    self.value(one, shape.members[name], f"{where}.{name}")
        elif shape.type_name == "list" and isinstance(value, list):
            self.size(len(value), limits, where, "entries")
            for place, one in enumerate(value):
                self.value(one, shape.member, f"{where}[{place}]")
        elif shape.type_name == "map" and isinstance(value, dict):
            self.size(len(value), limits, where, "entries")
            for name, one in value.items():
                self.value(name, shape.key, f"{where} (key)")
                self.value(one, shape.value, f"{where}.{name}")
        elif shape.type_name == "string" and isinstance(value, str):
            self.size(len(value), limits, where, "characters")
            if (pattern := limits.get("pattern")) and not matches(pattern, value):
                self.wrong(where, f"{value!r} does not match {pattern}")
            if (enum := limits.get("enum")) and value not in enum:
                self.wrong(where, f"{value!r} is none of the {len(enum)} that there are")
        elif shape.type_name in ("integer", "long"):
            self.size(value, limits, where, "")

    def size(self, size, limits, where, unit):
        if not limits.get("min", size) <= size <= limits.get("max", size):
            self.wrong(where, f"{size} {unit} where {limits.get('min', 0)} to {limits.get('max')} may be")

    def limit(self, where, what, size, most):
        self.checked += 1
        if size > most:
            self.wrong(where, f"{what}: {size} where {most} may be")

    def sizes(self):
        self.limit("template", "bytes", len(json.dumps(self.template).encode()), TEMPLATE)
        self.limit("template", "resources", len(self.template["Resources"]), RESOURCE_COUNT)
        self.limit("template", "description", len(self.template["Description"].encode()), 1_024)
        self.limit("definition", "characters", len(json.dumps(self.definition)), DEFINITION)
        self.limit("definition", "steps", sum(1 for _ in every_step(self.definition["Steps"])), 50)


def every_step(steps):
    for step in steps:
        yield step
        arguments = step["Arguments"]
        yield from every_step(arguments.get("IfSteps", []) + arguments.get("ElseSteps", []) if step["Type"] == "Condition" else [])


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def matches(pattern, text):
    """The models' patterns are Java's."""
    source = re.sub(r"\\p\{(L|Z|N|Alnum|ASCII)\}", lambda one: {"L": "^\\W\\d_", "Z": r"\s", "N": r"\d", "Alnum": "a-zA-Z0-9", "ASCII": "\\x00-\\x7f"}[one[1]], pattern)
    if "^\\W\\d_" in source:
        # A class in a class: letters, blanks, digits and what else stands there.
        source = r"^[\w\s.:/=+\-@]*$"
    try:
        return re.fullmatch(source.removeprefix("^").removesuffix("$") if not source.startswith("^[") else source, text) is not None
    except re.error as error:
        raise ValueError(f"{pattern}: {error}") from None


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps({made["kind"]: Project(made).check() for made in json.load(file)}))
