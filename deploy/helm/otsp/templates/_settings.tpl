{{/* What processes are told: names are those of the settings classes, a test reads them back. */}}

{{/* The folder of mounted keys and secrets. */}}
{{- define "otsp.keysDir" -}}/etc/otsp/keys{{- end -}}

{{/* For the ConfigMap that all containers of ours read: nothing secret, nothing of one service. */}}
{{- define "otsp.sharedSettings" -}}
OTSP_ENV: {{ .Values.environment }}
OTSP_LOG_LEVEL: {{ .Values.logLevel }}
OTSP_METRICS_HOST: "0.0.0.0"
PYTHONUNBUFFERED: "1"
{{- if .Values.clockOffsetDays }}
OTSP_CLOCK_OFFSET_DAYS: {{ .Values.clockOffsetDays | int | quote }}
{{- end }}
{{- with .Values.tracing.endpoint }}
OTSP_OTLP_ENDPOINT: {{ . }}
OTSP_TRACE_SAMPLE_RATIO: {{ $.Values.tracing.sampleRatio | quote }}
{{- end }}
{{- end -}}

{{- define "otsp.databaseSecret" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.demo.enabled -}}
{{ include "otsp.fullname" $root }}-demo
{{- else -}}
{{- (index $root.Values.services (index . 1)).database.existingSecret | default $root.Values.database.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* list root service: the address of its database, as the role that reads and writes rows. */}}
{{- define "otsp.databaseEnv" -}}
{{- $service := index . 1 -}}
- name: OTSP_{{ upper $service }}_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "otsp.databaseSecret" . }}
      key: {{ (index (index . 0).Values.services $service).database.urlKey | default (printf "%s-url" $service) }}
{{- end -}}

{{/* list root service: environment entries of the service's own, secrets by reference. */}}
{{- define "otsp.serviceEnv" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}
{{- $own := index $root.Values.services $service -}}
{{ include "otsp.databaseEnv" . }}
- {name: OTSP_{{ upper $service }}_STATEMENT_TIMEOUT_MS, value: {{ $root.Values.database.statementTimeoutMs | int | quote }}}
{{- if eq $service "auth" }}
{{ include "otsp.authEnv" $root }}
{{- else if eq $service "compliance" }}
- {name: OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY, value: {{ include "otsp.keysDir" $root }}/receipt-private.jwk}
- {name: OTSP_COMPLIANCE_RECEIPT_PUBLIC_KEYS, value: {{ include "otsp.keysDir" $root }}/receipt-public.jwks}
{{- with $root.Values.publicUrl }}
- {name: OTSP_COMPLIANCE_PORTAL_URL, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- range $name, $value := $own.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{/* auth's senders of texts and mails, and the key of identities. */}}
{{- define "otsp.authEnv" -}}
{{- $keys := include "otsp.keysDir" . -}}
- {name: OTSP_AUTH_IDENTITY_PRIVATE_KEY, value: {{ $keys }}/identity-private.jwk}
{{- with .Values.publicUrl }}
- {name: OTSP_AUTH_PORTAL_URL, value: {{ . | quote }}}
{{- end }}
{{- with .Values.sms }}
{{- if .url }}
- {name: OTSP_AUTH_SMS_SENDER, value: webhook}
- {name: OTSP_AUTH_SMS_URL, value: {{ .url | quote }}}
- {name: OTSP_AUTH_SMS_SECRET_FILE, value: {{ $keys }}/sms-secret}
{{- end }}
{{- if .fallback.url }}
- {name: OTSP_AUTH_SMS_FALLBACK_URL, value: {{ .fallback.url | quote }}}
- {name: OTSP_AUTH_SMS_FALLBACK_SECRET_FILE, value: {{ $keys }}/sms-fallback-secret}
{{- end }}
{{- end }}
{{- with .Values.mail }}
{{- if .host }}
- {name: OTSP_AUTH_MAIL_SENDER, value: smtp}
- {name: OTSP_AUTH_SMTP_HOST, value: {{ .host | quote }}}
- {name: OTSP_AUTH_SMTP_PORT, value: {{ .port | int | quote }}}
- {name: OTSP_AUTH_SMTP_SECURITY, value: {{ .security }}}
- {name: OTSP_AUTH_SMTP_FROM, value: {{ .from | quote }}}
{{- end }}
{{- if and .host .username }}
- {name: OTSP_AUTH_SMTP_USERNAME, value: {{ .username | quote }}}
- {name: OTSP_AUTH_SMTP_PASSWORD_FILE, value: {{ $keys }}/smtp-password}
{{- end }}
{{- end }}
{{- end -}}

{{/* What every process of the services is told alike. */}}
{{- define "otsp.servicesEnv" -}}
{{- $keys := include "otsp.keysDir" . -}}
- {name: OTSP_IDENTITY_PUBLIC_KEYS, value: {{ $keys }}/identity-public.jwks}
- {name: OTSP_PII_KEYS, value: {{ $keys }}/pii-keys.json}
{{- with .Values.scanner.address }}
- {name: OTSP_CLAMD_ADDRESS, value: {{ . | quote }}}
{{- end }}
{{ include "otsp.filesEnv" . }}
{{- end -}}

{{/* The object store, and the folder that is there without one. */}}
{{- define "otsp.filesEnv" -}}
- {name: OTSP_FILES_DIR, value: /var/lib/otsp}
{{- if eq .Values.files.backend "s3" }}
{{- with .Values.files.s3 }}
{{- if .endpoint }}
- {name: OTSP_S3_ENDPOINT, value: {{ .endpoint | quote }}}
{{- end }}
- {name: OTSP_S3_BUCKET, value: {{ .bucket | quote }}}
- {name: OTSP_S3_REGION, value: {{ .region | quote }}}
- name: OTSP_S3_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .accessKeyKey }}}}
- name: OTSP_S3_SECRET_KEY
  valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .secretKeyKey }}}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "otsp.rabbitmqEnv" -}}
- name: OTSP_AMQP_URL
  valueFrom:
    secretKeyRef:
      {{- if .Values.demo.enabled }}
      name: {{ include "otsp.fullname" . }}-demo
      key: rabbitmq-url
      {{- else }}
      name: {{ .Values.rabbitmq.existingSecret }}
      key: {{ .Values.rabbitmq.urlKey }}
      {{- end }}
{{- end -}}

{{- define "otsp.portalEnv" -}}
- {name: OTSP_PORTAL_GATEWAY_URL, value: {{ include "otsp.gatewayUrl" . | quote }}}
- {name: OTSP_PORTAL_SECRET_KEYS, value: {{ include "otsp.keysDir" . }}/portal-keys.txt}
- {name: OTSP_THREADS, value: {{ .Values.portal.threads | int | quote }}}
{{- end -}}

{{- define "otsp.gatewayEnv" -}}
{{- $upstreams := dict -}}
{{- range $service, $_ := .Values.services -}}
{{- $_ := set $upstreams $service (list (printf "%s-%s:8080" (include "otsp.fullname" $) $service)) -}}
{{- end -}}
- {name: OTSP_GATEWAY_LISTEN, value: '["0.0.0.0:8080"]'}
- {name: OTSP_GATEWAY_STATUS_LISTEN, value: "0.0.0.0:8081"}
- {name: OTSP_GATEWAY_UPSTREAMS, value: {{ $upstreams | toJson | squote }}}
- {name: OTSP_GATEWAY_PORTAL, value: '["{{ include "otsp.fullname" . }}-portal:8080"]'}
- {name: OTSP_GATEWAY_SESSION_CACHE_DIR, value: /var/cache/otsp}
- {name: OTSP_GATEWAY_LOG_TO_STDOUT, value: "true"}
- {name: OTSP_GATEWAY_WORKERS, value: {{ .Values.gateway.threads | int | quote }}}
- {name: OTSP_GATEWAY_PUBLIC_HOSTS, value: {{ include "otsp.hosts" . | squote }}}
- {name: OTSP_GATEWAY_PUBLIC_SCHEME, value: {{ hasPrefix "http://" .Values.publicUrl | ternary "http" "https" }}}
{{- with .Values.edge }}
- {name: OTSP_GATEWAY_TRUSTED_PROXIES, value: {{ .trustedProxies | toJson | squote }}}
- {name: OTSP_GATEWAY_RATES, value: {{ .rates | toJson | squote }}}
- {name: OTSP_GATEWAY_CONNECTIONS_PER_CLIENT, value: {{ .connectionsPerClient | int | quote }}}
- {name: OTSP_GATEWAY_CLIENT_TIMEOUT_SECONDS, value: {{ .clientTimeoutSeconds | int | quote }}}
- {name: OTSP_GATEWAY_UPSTREAM_READ_SECONDS, value: {{ .upstreamReadSeconds | int | quote }}}
{{- end }}
{{- end -}}

{{/* dict root workload: the environment of a Deployment's container. */}}
{{- define "otsp.workloadEnv" -}}
{{- $root := .root -}}{{- $own := .workload -}}
{{- if eq $own.component "portal" }}
{{ include "otsp.portalEnv" $root }}
{{- else if eq $own.component "gateway" }}
{{ include "otsp.gatewayEnv" $root }}
{{- else }}
{{ include "otsp.servicesEnv" $root }}
{{ include "otsp.serviceEnv" (list $root $own.service) }}
- {name: OTSP_{{ upper $own.service }}_DB_POOL_SIZE, value: {{ $own.spec.threads | int | quote }}}
{{- if eq $own.component "api" }}
- {name: OTSP_THREADS, value: {{ $own.spec.threads | int | quote }}}
{{- else }}
{{ include "otsp.rabbitmqEnv" $root }}
- {name: OTSP_AUDIT_SIGNING_KEY, value: {{ include "otsp.keysDir" $root }}/audit-private.jwk}
{{- end }}
{{- end }}
{{- range $name, $value := $own.spec.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}
