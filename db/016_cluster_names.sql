-- The name of the cluster that works on this database, and which database that is. A dump takes the row along; the silos
-- that start on the restored database see that it is about another one, and name a cluster of their own. So the copied
-- list of silos leads nobody to the silos of the original.

CREATE TABLE cluster_names (
    service_id text        NOT NULL,
    configured text        NOT NULL,
    database   text        NOT NULL,
    name       text        NOT NULL,
    named_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (service_id, configured)
);
