{{/* The servers of demo.enabled, from the official images. */}}

{{- define "otsp.demo.postgres" -}}
args: [-c, max_connections={{ int .Values.database.maxConnections }}, -c, log_error_verbosity=terse]
env:
  - {name: PGDATA, value: /var/lib/postgresql/data/cluster}
  - {name: POSTGRES_INITDB_ARGS, value: "--locale=C.UTF-8 --encoding=UTF8"}
  - name: POSTGRES_PASSWORD
    valueFrom: {secretKeyRef: {name: {{ include "otsp.fullname" . }}-demo, key: password}}
ports:
  - {name: postgres, containerPort: 5432}
startupProbe:
  exec: {command: [pg_isready, -h, 127.0.0.1, -U, postgres]}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  exec: {command: [pg_isready, -h, 127.0.0.1, -U, postgres]}
  periodSeconds: 10
livenessProbe:
  tcpSocket: {port: postgres}
  periodSeconds: 10
  failureThreshold: 6
volumeMounts:
  - {name: data, mountPath: /var/lib/postgresql/data}
  - {name: run, mountPath: /var/run/postgresql}
  - {name: tmp, mountPath: /tmp}
  - {name: roles, mountPath: /docker-entrypoint-initdb.d, readOnly: true}
{{- end -}}

{{- define "otsp.demo.rabbitmq" -}}
env:
  - {name: RABBITMQ_DEFAULT_USER, value: otsp}
  - {name: RABBITMQ_DEFAULT_VHOST, value: otsp}
  - name: RABBITMQ_DEFAULT_PASS
    valueFrom: {secretKeyRef: {name: {{ include "otsp.fullname" . }}-demo, key: password}}
ports:
  - {name: rabbitmq, containerPort: 5672}
startupProbe:
  tcpSocket: {port: rabbitmq}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  tcpSocket: {port: rabbitmq}
  periodSeconds: 10
livenessProbe:
  tcpSocket: {port: rabbitmq}
  periodSeconds: 30
  failureThreshold: 6
volumeMounts:
  - {name: data, mountPath: /var/lib/rabbitmq}
  - {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* Addresses with the demonstration's password, and the roles that PostgreSQL makes at first. */}}
{{- define "otsp.demoSecret" -}}
{{- $password := .Values.demo.password -}}
{{- $server := printf "%s-postgres:5432" (include "otsp.fullname" .) -}}
password: {{ $password | quote }}
rabbitmq-url: amqp://otsp:{{ $password }}@{{ include "otsp.fullname" . }}-rabbitmq:5672/otsp
{{- range $service, $_ := .Values.services }}
{{ $service }}-url: postgresql://otsp_{{ $service }}_app:{{ $password }}@{{ $server }}/otsp_{{ $service }}
{{ $service }}-migration-url: postgresql://otsp_{{ $service }}_owner:{{ $password }}@{{ $server }}/otsp_{{ $service }}
{{- end }}
roles.sql: |
  {{- range $service, $_ := .Values.services }}
  {{- $owner := printf "otsp_%s_owner" $service }}
  {{- $app := printf "otsp_%s_app" $service }}
  CREATE ROLE {{ $owner }} LOGIN PASSWORD '{{ $password }}';
  CREATE ROLE {{ $app }} LOGIN PASSWORD '{{ $password }}';
  CREATE DATABASE otsp_{{ $service }} OWNER {{ $owner }};
  REVOKE ALL ON DATABASE otsp_{{ $service }} FROM PUBLIC;
  GRANT CONNECT ON DATABASE otsp_{{ $service }} TO {{ $app }};
  \connect otsp_{{ $service }}
  ALTER SCHEMA public OWNER TO {{ $owner }};
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  GRANT USAGE ON SCHEMA public TO {{ $app }};
  ALTER DEFAULT PRIVILEGES FOR ROLE {{ $owner }} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{ $app }};
  ALTER DEFAULT PRIVILEGES FOR ROLE {{ $owner }} IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO {{ $app }};
  {{- end }}
{{- end -}}
