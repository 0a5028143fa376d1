"""EC2 as boto3 sees it: resources, waiters, paginators, and faults by their codes."""

import boto3
from botocore.exceptions import ClientError

SCRIPT = """#!/bin/bash
echo "cpus: $(nproc)"
mkdir -p var/lib/cloud/instance && : > var/lib/cloud/instance/boot-finished
exec sleep 1000
"""
QUICK = {"Delay": 1, "MaxAttempts": 30}

client = boto3.client("ec2")
ec2 = boto3.resource("ec2")


def refused(code, work):
    try:
        work()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["RequestId"], error
        return
    raise AssertionError(f"not refused with {code}")


key = ec2.create_key_pair(KeyName="vockey", KeyType="ed25519")
assert key.key_material.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")

group = ec2.create_security_group(GroupName="ssh", Description="SSH")
group.authorize_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="203.0.113.7/32")
assert group.ip_permissions[0]["IpRanges"] == [{"CidrIp": "203.0.113.7/32"}]
group.revoke_ingress(IpPermissions=group.ip_permissions)
group.reload()
assert group.ip_permissions == []

images = list(ec2.images.filter(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-*-x86_64"]}]))
assert len(images) == 1 and images[0].architecture == "x86_64"

[instance] = ec2.create_instances(
    ImageId=images[0].id,
    InstanceType="t2.micro",
    KeyName="vockey",
    SecurityGroupIds=[group.id],
    UserData=SCRIPT,
    MinCount=1,
    MaxCount=1,
    TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "one"}]}],
)
assert instance.state["Name"] in ("pending", "running")
client.get_waiter("instance_running").wait(InstanceIds=[instance.id], WaiterConfig=QUICK)
client.get_waiter("instance_status_ok").wait(InstanceIds=[instance.id], WaiterConfig=QUICK)
instance.reload()
assert instance.key_name == "vockey" and instance.public_ip_address.startswith("127.")
assert "cpus: " in instance.console_output()["Output"]
assert [tag["Value"] for tag in instance.tags] == ["one"]
instance.create_tags(Tags=[{"Key": "team", "Value": "a"}])
pages = client.get_paginator("describe_instances").paginate(Filters=[{"Name": "tag:team", "Values": ["a"]}])
assert [i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]] == [instance.id]

volume = ec2.create_volume(AvailabilityZone=instance.placement["AvailabilityZone"], Size=1, VolumeType="gp3", Encrypted=True)
client.get_waiter("volume_available").wait(VolumeIds=[volume.id], WaiterConfig=QUICK)
instance.attach_volume(VolumeId=volume.id, Device="/dev/sdf")
client.get_waiter("volume_in_use").wait(VolumeIds=[volume.id], WaiterConfig=QUICK)
address = client.allocate_address(Domain="vpc")
client.associate_address(AllocationId=address["AllocationId"], InstanceId=instance.id)
instance.reload()
assert instance.public_ip_address == address["PublicIp"]

refused("InvalidGroup.NotFound", lambda: client.describe_security_groups(GroupIds=["sg-0123456789abcdef0"]))
refused("InvalidInstanceID.NotFound", lambda: client.start_instances(InstanceIds=["i-0123456789abcdef0"]))
refused("InvalidInstanceID.Malformed", lambda: client.start_instances(InstanceIds=["one"]))
refused("InvalidKeyPair.NotFound", lambda: client.describe_key_pairs(KeyNames=["none"]))
refused("InvalidAMIID.NotFound", lambda: client.describe_images(ImageIds=["ami-0123456789abcdef0"]))
refused("InvalidVolume.NotFound", lambda: client.delete_volume(VolumeId="vol-0123456789abcdef0"))
refused("InvalidAllocationID.NotFound", lambda: client.release_address(AllocationId="eipalloc-0123456789abcdef0"))
refused("DependencyViolation", lambda: client.delete_security_group(GroupId=group.id))
refused("InvalidParameterValue", lambda: client.describe_instances(Filters=[{"Name": "colour", "Values": ["red"]}]))
refused("DryRunOperation", lambda: client.stop_instances(InstanceIds=[instance.id], DryRun=True))

instance.stop()
client.get_waiter("instance_stopped").wait(InstanceIds=[instance.id], WaiterConfig=QUICK)
refused("IncorrectInstanceState", lambda: client.reboot_instances(InstanceIds=[instance.id]))
instance.start()
client.get_waiter("instance_running").wait(InstanceIds=[instance.id], WaiterConfig=QUICK)
instance.terminate()
client.get_waiter("instance_terminated").wait(InstanceIds=[instance.id], WaiterConfig=QUICK)
client.get_waiter("volume_available").wait(VolumeIds=[volume.id], WaiterConfig=QUICK)
volume.delete()
client.release_address(AllocationId=address["AllocationId"])
group.delete()
key.delete()
print("done")
