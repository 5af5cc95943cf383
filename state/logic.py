"""The logic design: tasks in the order of their dependencies, packages, commands, shared knowledge."""

from graphlib import CycleError, TopologicalSorter

from pydantic import Field, model_validator

from state.artifacts import Artifact, OpenChoices, refuse_duplicates


class Task(Artifact):
    path: str = Field(description="a file of the architecture")
    depends_on: list[str] = Field(default_factory=list, description="the files it imports from; no cycles")
    logic: str = Field(description="what the file does, step by step, and what it takes from the files it depends on")


class Command(Artifact):
    run: str = Field(
        pattern=r"^[^\r\n]+$",
        description="a shell command from the repository's root, e.g. python main.py; packages are installed already",
    )
    produces: str = Field(description="which results it produces")


class LogicDesign(Artifact):
    """Ordered tasks with their dependencies, packages and shared knowledge (Paper2Code, section 3.1)."""

    packages: list[str] = Field(
        default_factory=list, description="third-party requirements, e.g. numpy>=1.26; not the standard library"
    )
    optional: list[str] = Field(
        default_factory=list, description="requirements without which everything in scope runs; usually none"
    )
    tasks: list[Task] = Field(min_length=1, description="one for each file of the architecture, dependencies first")
    commands: list[Command] = Field(default_factory=list, description="what reproduces the results, in order")
    shared_knowledge: str = Field(
        "", description="conventions that all files keep: names, shapes, types, seeds, file formats"
    )
    open_choices: OpenChoices

    @model_validator(mode="after")
    def _tasks_can_be_ordered(self) -> "LogicDesign":
        refuse_duplicates("tasks", [task.path for task in self.tasks])
        known = {task.path for task in self.tasks}
        for task in self.tasks:
            if unknown := [path for path in task.depends_on if path not in known]:
                raise ValueError(f"the task {task.path!r} depends on {', '.join(unknown)}, which no task writes")
        self.order()
        return self

    def task(self, path: str) -> Task:
        return next(task for task in self.tasks if task.path == path)

    def dependencies(self) -> dict[str, list[str]]:
        return {task.path: list(task.depends_on) for task in self.tasks}

    def order(self) -> list[str]:
        """Paths with dependencies first; among equals the order of the task list.  A cycle raises."""
        try:
            return list(TopologicalSorter(self.dependencies()).static_order())
        except CycleError as error:
            raise ValueError(f"the dependencies form a cycle: {' -> '.join(error.args[1])}") from error
