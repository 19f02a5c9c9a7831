_mnistdoctor_completion() {
    # For bash a colon ends a word, and `keras:mnist` has one: the line is split at blanks instead of COMP_WORDS,
    # and what stands before the last colon of the word is not inserted again.
    local line=${COMP_LINE:0:COMP_POINT} type value prefix="" IFS=$' \t\n'
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:blank:]] ]] && words+=("")
    local current=${words[${#words[@]}-1]}
    [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && prefix=${current%:*}:

    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$prefix"}") ;;
        esac
    done < <(COMP_WORDS=$line COMP_CWORD=$((${#words[@]} - 1)) _MNISTDOCTOR_COMPLETE=bash_complete "$1")
}

complete -o nosort -F _mnistdoctor_completion mnistdoctor
