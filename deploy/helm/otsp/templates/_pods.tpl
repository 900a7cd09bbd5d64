{{/* The parts that all pods share. */}}

{{/* list root serviceAccount: the head of a pod's specification. */}}
{{- define "otsp.podHead" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ index . 1 }}
automountServiceAccountToken: false
# A Service named otsp-auth would otherwise put OTSP_AUTH_PORT and the like among our settings.
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- if not $root.Values.openshift }}
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "otsp.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A container of the platform's image: name to environment. The caller adds args and probes. */}}
{{- define "otsp.container" -}}
image: {{ include "otsp.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- include "otsp.containerSecurity" . | nindent 2 }}
{{- end -}}

{{- define "otsp.sharedEnvFrom" -}}
envFrom:
  - configMapRef: {name: {{ include "otsp.fullname" . }}-settings}
{{- end -}}

{{- define "otsp.tmpVolume" -}}
- name: tmp
  emptyDir:
    {{- with .medium }}
    medium: {{ . }}
    {{- end }}
    sizeLimit: {{ .sizeLimit }}
{{- end -}}

{{/* list root service component: the files of otsp-keys that a process needs, and no others. */}}
{{- define "otsp.keyFiles" -}}
{{- $service := index . 1 -}}{{- $component := index . 2 -}}
{{- $files := list "identity-public.jwks" "pii-keys.json" -}}
{{- if has $service (list "auth" "*") -}}{{- $files = append $files "identity-private.jwk" -}}{{- end -}}
{{- if has $service (list "compliance" "*") -}}
{{- $files = concat $files (list "receipt-private.jwk" "receipt-public.jwks") -}}
{{- end -}}
{{- if eq $component "worker" -}}{{- $files = append $files "audit-private.jwk" -}}{{- end -}}
{{- if eq $component "job" -}}{{- $files = append $files "audit-public.jwks" -}}{{- end -}}
{{- if eq $component "portal" -}}{{- $files = list "portal-keys.txt" -}}{{- end -}}
{{- if eq $component "proof" -}}{{- $files = list "audit-public.jwks" -}}{{- end -}}
{{- $files | toJson -}}
{{- end -}}

{{/* The same list: the volume of keys, with auth's secrets of senders where they are told. */}}
{{- define "otsp.keysVolume" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}
- name: keys
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $root.Values.keys.existingSecret }}
          items:
            {{- range include "otsp.keyFiles" . | fromJsonArray }}
            - {key: {{ . }}, path: {{ . }}}
            {{- end }}
      {{- if has $service (list "auth" "*") }}
      {{- with $root.Values.sms }}
      {{- if .url }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .secretKey }}, path: sms-secret}
            {{- if .fallback.url }}
            - {key: {{ .fallback.secretKey }}, path: sms-fallback-secret}
            {{- end }}
      {{- end }}
      {{- end }}
      {{- with $root.Values.mail }}
      {{- if and .host .username }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .passwordKey }}, path: smtp-password}
      {{- end }}
      {{- end }}
      {{- end }}
{{- end -}}

{{- define "otsp.filesVolume" -}}
- name: files
  {{- if eq .Values.files.backend "volume" }}
  persistentVolumeClaim:
    claimName: {{ .Values.files.volume.existingClaim | default (printf "%s-files" (include "otsp.fullname" .)) }}
  {{- else }}
  emptyDir: {sizeLimit: 2Gi}
  {{- end }}
{{- end -}}

{{/* dict root spec component: where the scheduler is asked to put the pods. */}}
{{- define "otsp.placement" -}}
{{- if .spec.topologySpread }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- include "otsp.selector" $.selector | nindent 8 }}
  {{- end }}
{{- end }}
{{- with .spec.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .spec.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .spec.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* dict root spec: waits until no balancer sends requests any more. Kubernetes can by itself since 1.30. */}}
{{- define "otsp.preStop" -}}
{{- $seconds := int .spec.preStopSeconds -}}
preStop:
  {{- if semverCompare ">=1.30-0" .root.Capabilities.KubeVersion.Version }}
  sleep: {seconds: {{ $seconds }}}
  {{- else }}
  exec: {command: [sleep, {{ $seconds | quote }}]}
  {{- end }}
{{- end -}}

{{/* The three probes of a component. Workers answer on their metrics once everything runs. APIs and
portal are alive while these answer, which have a thread of their own: all other threads may be busy
with slow uploads, and gunicorn itself ends a worker that hangs. */}}
{{- define "otsp.probes" -}}
{{- $ask := dict
  "api" (dict "startup" "/startupz" "ready" "/readyz" "port" "http" "live" "/metrics" "livePort" "metrics")
  "portal" (dict "startup" "/livez" "ready" "/readyz" "port" "http" "live" "/metrics" "livePort" "metrics")
  "worker" (dict "startup" "/metrics" "ready" "/metrics" "port" "metrics" "live" "/metrics" "livePort" "metrics")
  "gateway" (dict "startup" "/livez" "ready" "/livez" "port" "status" "live" "/livez" "livePort" "status") -}}
{{- $of := get $ask . -}}
startupProbe:
  httpGet: {path: {{ $of.startup }}, port: {{ $of.port }}}
  periodSeconds: 2
  failureThreshold: 30
  timeoutSeconds: 2
readinessProbe:
  httpGet: {path: {{ $of.ready }}, port: {{ $of.port }}}
  periodSeconds: 5
  failureThreshold: 3
  timeoutSeconds: 5
livenessProbe:
  httpGet: {path: {{ $of.live }}, port: {{ $of.livePort }}}
  periodSeconds: 10
  failureThreshold: 6
  timeoutSeconds: 5
{{- end -}}

{{/* Annotations of a pod template: a changed setting rolls the pods. */}}
{{- define "otsp.podAnnotations" -}}
checksum/settings: {{ include "otsp.sharedSettings" . | sha256sum }}
{{- with .Values.secretsRevision }}
otsp/secrets-revision: {{ . | quote }}
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
