# Before anything is touched: can this machine run the agent, and is it said where to mirror to?
# Octopus variables named UNDERSTUDY_... are the agent's options, as its environment variables are.
$ErrorActionPreference = 'Stop'

if (-not [Environment]::Is64BitOperatingSystem) {
    Write-Error 'understudy-agent needs a 64-bit Windows.' -ErrorAction Continue
    exit 28
}

$administrator = [Security.Principal.WindowsBuiltInRole]::Administrator
$identity = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $identity.IsInRole($administrator)) {
    Write-Error 'understudy-agent is installed as a service: let the Tentacle run as an administrator.' -ErrorAction Continue
    exit 4
}

# What an earlier deployment wrote stays in force, so a first one alone needs these two.
$configuration = Join-Path $env:ProgramData 'Understudy\agent.toml'
if (-not (Test-Path $configuration)) {
    foreach ($name in 'UNDERSTUDY_PORT', 'UNDERSTUDY_TO') {
        if (-not $OctopusParameters[$name]) {
            Write-Error "The Octopus variable $name is not set." -ErrorAction Continue
            exit 2
        }
    }
}

& (Join-Path $PSScriptRoot 'understudy-agent.exe') --version
exit $LASTEXITCODE
