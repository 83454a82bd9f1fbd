-- Enrollments that the planner could not plan: it leaves them out until `try_at`, as long as they are due at what they were
-- due at then. Whatever moves an enrollment, a new rhythm say, has it planned again at once.
create table set_aside (
  enrollment_id uuid primary key references enrollments (id) on delete cascade,
  due_at timestamptz not null,
  reason text not null,
  since timestamptz not null,
  try_at timestamptz not null
);
