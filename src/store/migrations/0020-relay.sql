-- Where a mail is found in the log of the server that has it: the server, the words of its 250, which most begin or end with
-- the id they gave the mail; and the last ten attempts that failed, each as "<time> <server>: <words>". Without addresses.
alter table deliveries
  add column server text,
  add column reply text,
  add column tries text[];
