"""Who turns a task into a proposal: the planner where it knows the request, else a model."""
