# Installs the service, or brings it up to date: its last step tests that the agent sees the requests of its service.
# What fails is undone by the program itself, and its exit code fails the deployment (exit-codes.md).
$ErrorActionPreference = 'Stop'

# By the environment of this process, so that a password in a URL is no argument that others can read.
foreach ($name in @($OctopusParameters.Keys)) {
    if ($name -like 'UNDERSTUDY_*' -and $OctopusParameters[$name]) {
        [Environment]::SetEnvironmentVariable($name.ToUpperInvariant(), $OctopusParameters[$name], 'Process')
    }
}

& (Join-Path $PSScriptRoot 'understudy-agent.exe') service install
exit $LASTEXITCODE
