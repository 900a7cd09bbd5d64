#!/usr/bin/env bash
# databases.sh HOST[:PORT]: two files below the current folder, passwords new each time.
#   databases.env   addresses for the Secret otsp-databases
#   databases.sql   roles and databases, for psql as a superuser
# Six databases, each with an owner that migrates and a role that only reads and writes rows.
set -euo pipefail
umask 077
host=${1:?HOST[:PORT] of PostgreSQL}

: >databases.env
: >databases.sql
for service in auth institution staff materials courses compliance; do
    database=otsp_$service owner=otsp_${service}_owner app=otsp_${service}_app
    owner_password=$(openssl rand -hex 24)
    app_password=$(openssl rand -hex 24)
    cat >>databases.env <<TEXT
$service-url=postgresql://$app:$app_password@$host/$database
$service-migration-url=postgresql://$owner:$owner_password@$host/$database
TEXT
    cat >>databases.sql <<TEXT
CREATE ROLE $owner LOGIN PASSWORD '$owner_password';
CREATE ROLE $app LOGIN PASSWORD '$app_password';
CREATE DATABASE $database OWNER $owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE $database FROM PUBLIC;
GRANT CONNECT ON DATABASE $database TO $app;
\connect $database
ALTER SCHEMA public OWNER TO $owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO $app;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO $app;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO $app;
TEXT
done
