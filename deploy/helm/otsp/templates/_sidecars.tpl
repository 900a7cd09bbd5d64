{{/* nginx's own counters as metrics, where the image's nginx has stub_status. */}}
{{- define "otsp.exporter" -}}
- name: exporter
  image: {{ .Values.edge.exporter.image }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [--nginx.scrape-uri=http://127.0.0.1:8081/stub_status, --web.listen-address=:9113]
  securityContext: {{- include "otsp.containerSecurity" . | nindent 4 }}
  ports:
    - {name: metrics, containerPort: 9113}
  startupProbe:
    tcpSocket: {port: metrics}
    periodSeconds: 2
    failureThreshold: 30
  readinessProbe:
    tcpSocket: {port: metrics}
  livenessProbe:
    tcpSocket: {port: metrics}
  resources: {{- toYaml .Values.edge.exporter.resources | nindent 4 }}
{{- end -}}

{{/* list root service: in a demonstration each API migrates before it starts. A hook would run
before the demonstration's own database is there; the migrations' advisory lock keeps replicas apart. */}}
{{- define "otsp.demoMigration" -}}
{{- $root := index . 0 -}}
- name: migrate
  {{- include "otsp.container" $root | nindent 2 }}
  {{- include "otsp.sharedEnvFrom" $root | nindent 2 }}
  args: [migrate, {{ index . 1 }}]
  env: {{- include "otsp.migrationEnv" . | nindent 4 }}
  resources: {{- toYaml $root.Values.migrations.resources | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "otsp.migrationEnv" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}
- name: OTSP_{{ upper $service }}_MIGRATION_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "otsp.databaseSecret" . }}
      key: {{ (index $root.Values.services $service).database.migrationUrlKey | default (printf "%s-migration-url" $service) }}
{{- end -}}

{{/* list root component: where there is no operator, Prometheus finds pods by these. */}}
{{- define "otsp.scrapeAnnotations" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $has := or (ne $component "gateway") $root.Values.edge.exporter.enabled -}}
{{- if and $root.Values.monitoring.enabled (not $root.Values.monitoring.operator) $has -}}
prometheus.io/scrape: "true"
prometheus.io/path: /metrics
prometheus.io/port: {{ ternary "9113" "9090" (eq $component "gateway") | quote }}
{{- end -}}
{{- end -}}

{{/* list root job: what a job outside the workers is told, by its `access`: `databases` all that the
services are told, `backup` addresses alone and the broker's, `gateway` nothing but its address. */}}
{{- define "otsp.jobEnv" -}}
{{- $root := index . 0 -}}{{- $job := index . 1 -}}
{{- if has $job.access (list "gateway" "probe") }}
- {name: OTSP_GATEWAY_URL, value: {{ include "otsp.gatewayUrl" $root | quote }}}
{{- else if eq $job.access "services" }}
{{ include "otsp.servicesEnv" $root }}
- {name: OTSP_AUDIT_PUBLIC_KEYS, value: {{ include "otsp.keysDir" $root }}/audit-public.jwks}
{{- range $service, $_ := $root.Values.services }}
{{ include "otsp.serviceEnv" (list $root $service) }}
{{- end }}
{{- else }}
{{- if eq $job.access "databases" }}
- {name: OTSP_AUDIT_PUBLIC_KEYS, value: {{ include "otsp.keysDir" $root }}/audit-public.jwks}
{{- else }}
{{ include "otsp.filesEnv" $root }}
{{ include "otsp.rabbitmqEnv" $root }}
{{- end }}
{{- range $service, $_ := $root.Values.services }}
{{ include "otsp.databaseEnv" (list $root $service) }}
{{- end }}
{{- end }}
{{- range $name, $value := $job.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- range $name, $ref := $job.secretEnv }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $ref.secret }}, key: {{ $ref.key }}}}
{{- end }}
{{- end -}}

{{/* The account of the test institution, as `otsp probe` reads it. */}}
{{- define "otsp.accountMount" -}}
- {name: account, mountPath: /etc/otsp/probe, readOnly: true}
{{- end -}}

{{- define "otsp.accountVolume" -}}
- name: account
  secret:
    secretName: {{ .Values.probe.existingSecret }}
    defaultMode: 0440
    items:
      - {key: {{ .Values.probe.accountKey }}, path: account.json}
{{- end -}}
