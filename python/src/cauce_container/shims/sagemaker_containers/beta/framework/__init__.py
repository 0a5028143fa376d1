"""What scripts import from `sagemaker_containers.beta.framework`: worker.Response, encoders, content_types, errors."""

from . import content_types, encoders, errors, worker

__all__ = ["content_types", "encoders", "errors", "worker"]
