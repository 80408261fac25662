# Shows what runs now, in the deployment's log; fails the deployment if nothing does.
$ErrorActionPreference = 'Stop'

& (Join-Path $PSScriptRoot 'understudy-agent.exe') service status
exit $LASTEXITCODE
