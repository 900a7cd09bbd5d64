{{/* list root component: its pods, as a peer. */}}
{{- define "otsp.peer" -}}
- podSelector:
    matchLabels: {{- include "otsp.selector" . | nindent 6 }}
{{- end -}}

{{/* What values say of one kind of neighbour outside: its ports, and its addresses if they are told. */}}
{{- define "otsp.egress" -}}
- ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "otsp.databaseEgress" -}}
{{- if .Values.demo.enabled -}}
- ports: [{port: 5432, protocol: TCP}]
  to: {{- include "otsp.peer" (list . "postgres") | nindent 4 }}
{{- else -}}
{{ include "otsp.egress" .Values.networkPolicy.egress.database }}
{{- end }}
{{- end -}}

{{- define "otsp.storeEgress" -}}
{{ include "otsp.databaseEgress" . }}
{{- if eq .Values.files.backend "s3" }}
{{ include "otsp.egress" .Values.networkPolicy.egress.s3 }}
{{- end }}
{{- end -}}

{{- define "otsp.brokerEgress" -}}
{{- if .Values.demo.enabled -}}
- ports: [{port: 5672, protocol: TCP}]
  to: {{- include "otsp.peer" (list . "rabbitmq") | nindent 4 }}
{{- else -}}
{{ include "otsp.egress" .Values.networkPolicy.egress.rabbitmq }}
{{- end -}}
{{- end -}}
