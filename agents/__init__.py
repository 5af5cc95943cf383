"""One file a role.  Each asks its model through `agents.model.ask`, the only place that calls one."""
