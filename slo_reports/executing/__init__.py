"""Who does the work: this process, processes beside it, or workers on other machines."""

from slo_reports.executing.here import Here
from slo_reports.executing.opening import cpus, open_executor
from slo_reports.executing.tasks import Done, Executor, Limits, Task

__all__ = ["Done", "Executor", "Here", "Limits", "Task", "cpus", "open_executor"]
