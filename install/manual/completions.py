"""Completion for bash and zsh, from what `weir command-line` lists."""
from command_page import leaves

FILES = {"files", "file", "--config", "--compare"}
FOLDERS = {"--data"}


def option_kind(option):
    names = option["names"] or [option["argument"]]
    if option["choices"]:
        return "choices"
    return "files" if FILES & set(names) else "folders" if FOLDERS & set(names) else "text" if option["argument"] else "flag"


def shell_words(words):
    return " ".join(words)


def groups(line):
    """Commands that have commands: [(words before, [names])]."""
    yield (), [child["name"] for child in line["commands"]]
    for child in line["commands"]:
        if child["commands"]:
            yield (child["name"],), [grandchild["name"] for grandchild in child["commands"]]


def bash_completion(line):
    out = ["# Completion of weir for bash. Made from the program's own list of commands.", "_weir() {",
           '\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command="" words="" index',
           "\tCOMPREPLY=()",
           "\tfor ((index = 1; index < COMP_CWORD; index++)); do",
           '\t\tcase "$command/${COMP_WORDS[index]}" in']
    for path, names in groups(line):
        out.append("\t\t" + " | ".join("/".join(("", *path, name)) for name in names) + ") command+=/${COMP_WORDS[index]} ;;")
    out += ["\t\tesac", "\tdone", '\tcase "$command $previous" in']
    for path, command in leaves(line):
        for option in command["options"]:
            kind = option_kind(option)
            if kind == "flag" or not option["names"]:
                continue
            action = {"choices": f'COMPREPLY=($(compgen -W "{shell_words(option["choices"])}" -- "$current"))', "files": 'COMPREPLY=($(compgen -f -- "$current"))',
                      "folders": 'COMPREPLY=($(compgen -d -- "$current"))', "text": ":"}[kind]
            spelled = " | ".join(f'"/{"/".join(path)} {name}"' for name in option["names"])
            out += [f"\t{spelled})", f"\t\t{action}", "\t\treturn", "\t\t;;"]
    out += ["\tesac", '\tcase "$command" in']
    for path, names in groups(line):
        out.append(f'\t"{"".join("/" + word for word in path)}") words="{shell_words(names)} --help{" --version" if not path else ""}" ;;')
    for path, command in leaves(line):
        names = [name for option in command["options"] for name in option["names"] if name.startswith("--")]
        out.append(f'\t"/{"/".join(path)}") words="{shell_words(names)}" ;;')
    out += ["\tesac", '\tCOMPREPLY=($(compgen -W "$words" -- "$current"))']
    takes_files = [f'"/{"/".join(path)}"' for path, command in leaves(line) if any(not option["names"] and option_kind(option) == "files" for option in command["options"])]
    out += ['\tcase "$command" in', f"\t{' | '.join(takes_files)})", '\t\t[[ $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))', "\t\t;;", "\tesac",
            "}", "complete -o filenames -F _weir weir"]
    return "\n".join(out) + "\n"


def zsh_text(text):
    return text.replace("\\", "\\\\").replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_argument(option):
    kind = option_kind(option)
    action = {"choices": "(" + shell_words(option["choices"]) + ")", "files": "_files", "folders": "_files -/", "text": " ", "flag": ""}[kind]
    value = f":{option['argument']}:{action}" if kind != "flag" else ""
    if not option["names"]:
        return [f"'{'*' if option['many'] else '1'}{value}'"]
    names = option["names"]
    mark = f"({' '.join(names)})" if len(names) > 1 else ""
    return [f"'{mark}{name}[{zsh_text(option['description'])}]{value}'" for name in names]


def zsh_function(command, path):
    name = "_".join(("_weir", *path))
    if not command["commands"]:
        arguments = [argument for option in command["options"] for argument in zsh_argument(option)]
        return [f"{name}() {{", "\t_arguments -s " + " \\\n\t\t".join(arguments), "}"]
    out = []
    for child in command["commands"]:
        out += zsh_function(child, (*path, child["name"]))
    described = "\n".join(f"\t\t'{child['name']}:{zsh_text(child['description'])}'" for child in command["commands"])
    cases = "\n".join(f"\t\t{child['name']}) {name}_{child['name']} ;;" for child in command["commands"])
    options = " ".join(argument for option in command["options"] for argument in zsh_argument(option))
    out += [f"{name}() {{", "\tlocal line state", f"\tlocal -a choices=(\n{described}\n\t)",
            f"\t_arguments -C {options} '1:command:->command' '*::argument:->argument'",
            "\tcase $state in", "\tcommand) _describe command choices ;;", f"\targument)\n\t\tcase $line[1] in\n{cases}\n\t\tesac\n\t\t;;", "\tesac", "}"]
    return out


def zsh_completion(line):
    return "\n".join(["#compdef weir", "# Completion of weir for zsh. Made from the program's own list of commands.", *zsh_function(line, ()), '_weir "$@"']) + "\n"
