{{- define "otsp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 30 | trimSuffix "-" -}}
{{- end -}}

{{- define "otsp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- else if contains (include "otsp.name" .) .Release.Name -}}
{{- .Release.Name | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "otsp.name" .) | trunc 30 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What every pod of the release carries and nothing else does. */}}
{{- define "otsp.releaseLabels" -}}
app.kubernetes.io/name: {{ include "otsp.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* list root component [service]: what a selector may name. It never changes within a release. */}}
{{- define "otsp.selector" -}}
{{ include "otsp.releaseLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with rest (rest .) }}
otsp-service: {{ first . }}
{{- end }}
{{- end -}}

{{/* list root component [service]: the labels of an object. */}}
{{- define "otsp.labels" -}}
{{ include "otsp.selector" . }}
app.kubernetes.io/part-of: otsp
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "otsp.image" -}}
{{- $image := .Values.image -}}
{{- $name := ternary (printf "%s/%s" $image.registry $image.repository) $image.repository (ne $image.registry "") -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "otsp.host" -}}
{{- with .Values.publicUrl }}{{ (urlParse .).host | splitList ":" | first }}{{ end -}}
{{- end -}}

{{/* The names under which the gateway answers: the public ones, and its own within the cluster. */}}
{{- define "otsp.hosts" -}}
{{- $own := printf "%s-gateway" (include "otsp.fullname" .) -}}
{{- $inside := list $own (printf "%s.%s" $own .Release.Namespace) (printf "%s.%s.svc" $own .Release.Namespace) -}}
{{- if .Values.publicUrl -}}
{{- concat (list (include "otsp.host" .)) .Values.extraHosts $inside | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "otsp.gatewayUrl" -}}
http://{{ include "otsp.fullname" . }}-gateway:8080
{{- end -}}

{{/* list base other: the other's keys win, however deep, also where they are false, 0 or empty. */}}
{{- define "otsp.merged" -}}
{{- $merged := deepCopy (index . 0) -}}
{{- range $key, $value := index . 1 -}}
{{- $before := get $merged $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $before) -}}
{{- $_ := set $merged $key (include "otsp.merged" (list $before $value) | fromJson) -}}
{{- else -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- end -}}
{{- $merged | toJson -}}
{{- end -}}

{{/* All Deployments: name, component, service, and what values say of each. */}}
{{- define "otsp.workloads" -}}
{{- $root := . -}}
{{- range $service, $own := .Values.services }}
{{- range $kind := list "api" "worker" }}
- name: {{ ternary $service (printf "%s-worker" $service) (eq $kind "api") }}
  component: {{ $kind }}
  service: {{ $service }}
  spec: {{ include "otsp.merged" (list (get $root.Values $kind) (get $own $kind | default dict)) }}
{{- end }}
{{- end }}
- {name: portal, component: portal, service: portal, spec: {{ toJson .Values.portal }}}
- {name: gateway, component: gateway, service: gateway, spec: {{ toJson .Values.gateway }}}
{{- end -}}

{{/* The most pods of a workload that run beside each other outside a roll-out. */}}
{{- define "otsp.mostReplicas" -}}
{{- ternary .autoscaling.maxReplicas .replicas .autoscaling.enabled -}}
{{- end -}}

{{- define "otsp.leastReplicas" -}}
{{- ternary .autoscaling.minReplicas .replicas .autoscaling.enabled -}}
{{- end -}}

{{/* Database connections at the worst moment: every workload at its most, one more of each while
rolling out. A worker has two beside its pool: it listens, and it holds the relay's lock. */}}
{{- define "otsp.connections" -}}
{{- $sum := 0 -}}
{{- range include "otsp.workloads" . | fromYamlArray -}}
{{- $pods := add1 (include "otsp.mostReplicas" .spec | int) -}}
{{- if eq .component "api" -}}
{{- $sum = add $sum (mul $pods (int .spec.threads)) -}}
{{- else if eq .component "worker" -}}
{{- $sum = add $sum (mul $pods (add (int .spec.threads) 2)) -}}
{{- end -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
