Register-ArgumentCompleter -Native -CommandName mnistdoctor -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # The words before the one at the cursor, a line each; where nothing is returned PowerShell offers files.
    $before = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition }
    $env:COMP_WORDS = ($before | ForEach-Object { $_.Extent.Text.Trim("'", '"') }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    $env:_MNISTDOCTOR_COMPLETE = 'powershell_complete'
    try {
        & $commandAst.CommandElements[0].Extent.Text | Where-Object { $_ } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:_MNISTDOCTOR_COMPLETE -ErrorAction Ignore
    }
}
