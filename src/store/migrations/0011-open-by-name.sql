-- An index of what is open stood here, by an expression that the planner's statistics say nothing of: 0025 makes it anew.
drop index deliveries_open;
