"""CloudWatch as boto3 sees it, in each of the protocols that it may speak, and Application Auto Scaling's faults."""

import datetime

import boto3
import botocore.model
from botocore.exceptions import ClientError

START = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=10)
MINUTE = datetime.timedelta(minutes=1)


def refused(code, work):
    try:
        work()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected")


def speak(protocol):
    botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (protocol,)
    client = boto3.session.Session().client("cloudwatch")
    assert client.meta.service_model.resolved_protocol == protocol
    space = f"Spoken/{protocol}"
    # Long enough for boto3 to compress it.
    data = [
        {"MetricName": "many", "Dimensions": [{"Name": "Number", "Value": f"{i:04}"}], "Timestamp": START, "Value": i}
        for i in range(600)
    ]
    data.append({"MetricName": "one", "Timestamp": START, "Values": [1.5, 2.5], "Counts": [2, 1], "Unit": "Seconds"})
    client.put_metric_data(Namespace=space, MetricData=data)
    pages = client.get_paginator("list_metrics").paginate(Namespace=space)
    assert [len(page["Metrics"]) for page in pages] == [500, 101]
    stat = {"Metric": {"Namespace": space, "MetricName": "one"}, "Period": 60, "Stat": "Average"}
    queries = [{"Id": "a", "MetricStat": stat}, {"Id": "b", "Expression": "a * 2", "Label": "double"}]
    answer = client.get_metric_data(MetricDataQueries=queries, StartTime=START, EndTime=START + 5 * MINUTE)
    a, b = answer["MetricDataResults"]
    assert (a["Timestamps"], a["StatusCode"]) == ([START], "Complete"), a
    assert abs(a["Values"][0] - 5.5 / 3) < 1e-9 and (b["Label"], b["Values"]) == ("double", [a["Values"][0] * 2])
    points = client.get_metric_statistics(
        Namespace=space, MetricName="one", StartTime=START, EndTime=START + 5 * MINUTE, Period=300, Statistics=["Sum", "SampleCount"]
    )
    assert points["Datapoints"] == [{"Timestamp": START, "Sum": 5.5, "SampleCount": 3.0, "Unit": "Seconds"}], points

    alarm = f"slow-{protocol}"
    client.put_metric_alarm(
        AlarmName=alarm,
        Namespace=space,
        MetricName="one",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=15,
        DatapointsToAlarm=1,
        Threshold=2,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    client.get_waiter("alarm_exists").wait(AlarmNames=[alarm], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    (found,) = client.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert (found["StateValue"], found["Threshold"]) == ("ALARM", 2.0), found
    client.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
    history = client.describe_alarm_history(AlarmName=alarm, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == "Alarm updated from ALARM to OK", history
    client.delete_alarms(AlarmNames=[alarm])
    refused("ResourceNotFound", lambda: client.delete_alarms(AlarmNames=[alarm]))
    refused("InvalidParameterCombination", lambda: client.put_metric_data(
        Namespace=space, MetricData=[{"MetricName": "m", "Value": 1, "Values": [1]}]
    ))
    refused("NotImplemented", lambda: client.put_dashboard(DashboardName="d", DashboardBody="{}"))


def scale():
    client = boto3.client("application-autoscaling")
    named = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/none/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    for operation in ("describe_scalable_targets", "describe_scaling_policies", "describe_scaling_activities"):
        assert list(client.get_paginator(operation).paginate(ServiceNamespace="sagemaker"))
    refused("ObjectNotFoundException", lambda: client.deregister_scalable_target(**named))
    refused("ValidationException", lambda: client.register_scalable_target(**named, MinCapacity=2, MaxCapacity=1))
    refused("ObjectNotFoundException", lambda: client.put_scaling_policy(
        **named, PolicyName="p", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={"TargetValue": 1}
    ))


ordinary = botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS
# Of the three that CloudWatch has, those that this boto3 knows it to have: older ones know Query only.
known = boto3.session.Session().client("cloudwatch").meta.service_model.metadata.get("protocols", ["query"])
for protocol in known:
    speak(protocol)
botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = ordinary
scale()
print("done")
