{{- define "understudy-agent.selector" -}}
app.kubernetes.io/name: understudy-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "understudy-agent.labels" -}}
{{ include "understudy-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
