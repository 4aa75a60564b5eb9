# Builds the folder dist\kling-desktop and a zip of it. Run in PowerShell:
#   powershell -ExecutionPolicy Bypass -File packaging\build_windows.ps1
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..")

function Invoke-Checked {
    & $args[0] $args[1..($args.Length - 1)]
    if ($LASTEXITCODE -ne 0) { throw "$($args[0]) failed with exit code $LASTEXITCODE" }
}

$python = "build\venv\Scripts\python.exe"
if (-not (Test-Path $python)) { Invoke-Checked py -3 -m venv build\venv }
Invoke-Checked $python -m pip install --quiet --require-hashes --no-deps --only-binary ":all:" -r packaging\requirements\bundle.txt
Invoke-Checked $python packaging\bundle.py

$version = (Select-String -Path kling_desktop\__init__.py -Pattern '__version__ = "(.*)"').Matches[0].Groups[1].Value
$zip = "dist\Kling-Desktop-$version-x64.zip"
Compress-Archive -Force -Path dist\kling-desktop -DestinationPath $zip
Write-Output $zip
