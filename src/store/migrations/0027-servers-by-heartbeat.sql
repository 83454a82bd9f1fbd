-- Whether a server is up is told by the signs of life of the workers, and by nothing else.
delete from paces where name like 'down: %';
