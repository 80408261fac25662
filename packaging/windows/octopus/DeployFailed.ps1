# Says why: the doctor's findings and the service's last words go into the deployment's log. The failure stays Octopus's.
$ErrorActionPreference = 'Continue'

$agent = Join-Path $PSScriptRoot 'understudy-agent.exe'
$configuration = Join-Path $env:ProgramData 'Understudy\agent.toml'
& $agent service status
if (Test-Path $configuration) {
    & $agent check --config $configuration
}
Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'understudy-agent' } -MaxEvents 5 -ErrorAction SilentlyContinue |
    ForEach-Object { Write-Host $_.TimeCreated $_.LevelDisplayName $_.Message }
exit $LASTEXITCODE
