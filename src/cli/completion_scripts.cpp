#include "cli/completion.hpp"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace pbxbridge::cli {

namespace {

/// Calls `each(command, path)` for the program and all its commands; the path of `spool stat` is ` spool stat`.
void for_each_command(const CommandWords& command, const std::string& path,
                      const std::function<void(const CommandWords&, const std::string&)>& each) {
  each(command, path);
  for (const auto& child : command.commands) for_each_command(child, path + " " + child.name, each);
}

/// The first sentence or line of a text.
std::string short_text(std::string_view text) { return std::string(text.substr(0, text.find_first_of(".\n"))); }

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char character : text) {
    if (character == '\'')
      out += "'\\''";
    else
      out += character;
  }
  return out + "'";
}

std::string bash_words(const Value& value) {
  switch (value.kind) {
    case Value::Kind::file:
      return "_pbxbridge_files -f";
    case Value::Kind::directory:
      return "_pbxbridge_files -d";
    case Value::Kind::choice:
      return fmt::format("words={}", in_quotes(fmt::format("{}", fmt::join(value.choices, " "))));
    case Value::Kind::any:
    case Value::Kind::none:
      break;
  }
  return ":";
}

constexpr std::string_view bash_head = R"(# bash completion for pbxbridge, made by `pbxbridge completion bash`

_pbxbridge_files() {
  local found
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen "$1" -- "$word")
}

_pbxbridge() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= words= i
  COMPREPLY=()
  # --config=FILE comes as three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
)";

std::string zsh_value(const Value& value) {
  switch (value.kind) {
    case Value::Kind::file:
      return ":file:_files";
    case Value::Kind::directory:
      return ":directory:_files -/";
    case Value::Kind::choice:
      return fmt::format(":choice:({})", fmt::join(value.choices, " "));
    case Value::Kind::any:
      return ":value: ";
    case Value::Kind::none:
      break;
  }
  return "";
}

/// Escapes a text for inside `[...]` of `_arguments`.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char character : short_text(text)) {
    if (std::string_view("[]:\\").find(character) != std::string_view::npos) out += '\\';
    out += character;
  }
  return out;
}

std::string function_name(std::string_view path) {
  std::string name = "_pbxbridge";
  for (const char character : path) name += character == ' ' || character == '-' ? '_' : character;
  return name;
}

void append_zsh_function(std::string& out, const CommandWords& command, const std::string& path) {
  out += fmt::format("{}() {{\n", function_name(path));
  if (!command.commands.empty()) out += "  local -a commands\n  local line state\n";
  out += "  _arguments -C";
  for (const auto& option : command.options)
    for (const auto& name : option.names)
      out += fmt::format(
          " \\\n    {}",
          in_quotes(fmt::format("{}{}[{}]{}", name,
                                option.value.kind == Value::Kind::none || !name.starts_with("--") ? "" : "=",
                                zsh_text(option.text), zsh_value(option.value))));
  if (command.commands.empty()) {
    if (command.argument.kind != Value::Kind::none)
      out += fmt::format(" \\\n    {}", in_quotes("*" + zsh_value(command.argument)));
    out += "\n}\n\n";
    return;
  }
  out += " \\\n    '1:command:->command' '*::arguments:->arguments'\n  case $state in\n    command)\n      commands=(";
  for (const auto& child : command.commands)
    out += fmt::format("\n        {}", in_quotes(fmt::format("{}:{}", child.name, short_text(child.text))));
  out += "\n      )\n      _describe command commands\n      ;;\n    arguments)\n      case $line[1] in\n";
  for (const auto& child : command.commands)
    out += fmt::format("        {}) {} ;;\n", child.name, function_name(path + " " + child.name));
  out += "      esac\n      ;;\n  esac\n}\n\n";
}

std::string fish_value(const Value& value) {
  switch (value.kind) {
    case Value::Kind::file:
      return " -r -F";
    case Value::Kind::directory:
      return " -x -a '(__fish_complete_directories)'";
    case Value::Kind::choice:
      return fmt::format(" -x -a {}", in_quotes(fmt::format("{}", fmt::join(value.choices, " "))));
    case Value::Kind::any:
      return " -x";
    case Value::Kind::none:
      break;
  }
  return "";
}

/// True where the words so far are those of the command at `path`.
std::string fish_condition(const CommandWords& command, const std::string& path) {
  std::string condition;
  for (std::size_t begin = 1; begin < path.size();) {
    const auto end = std::min(path.find(' ', begin), path.size());
    condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ",
                             path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (command.commands.empty()) return condition;
  std::string others;
  for (const auto& child : command.commands) others += " " + child.name;
  return fmt::format("{}{}not __fish_seen_subcommand_from{}", condition, condition.empty() ? "" : "; and ", others);
}

}  // namespace

std::string bash_completion(const CommandWords& program) {
  std::string commands;
  std::string values;
  std::string words;
  for_each_command(program, "", [&](const CommandWords& command, const std::string& path) {
    if (!path.empty()) commands += fmt::format("      {}) path={} ;;\n", in_quotes(path), in_quotes(path));
    std::string all;
    for (const auto& child : command.commands) all += child.name + " ";
    for (const auto& option : command.options) {
      all += option.names.front() + " ";
      if (option.value.kind == Value::Kind::none) continue;
      for (const auto& name : option.names)
        values +=
            fmt::format("    {}) {}; [[ $words ]] && COMPREPLY=($(compgen -W \"$words\" -- \"$word\")); return ;;\n",
                        in_quotes(fmt::format("{} {}", path, name)), bash_words(option.value));
    }
    words += fmt::format("    {})\n", in_quotes(path));
    if (command.argument.kind != Value::Kind::none)
      words += fmt::format("      [[ $word == -* ]] || {}\n", bash_words(command.argument));
    words += fmt::format("      words=\"$words {}\"\n      ;;\n", all.substr(0, all.size() - 1));
  });
  return std::string(bash_head) + commands + "    esac\n  done\n  case \"$path $previous\" in\n" + values +
         "  esac\n  case \"$path\" in\n" + words +
         "  esac\n  COMPREPLY+=($(compgen -W \"$words\" -- \"$word\"))\n}\n\ncomplete -F _pbxbridge pbxbridge\n";
}

std::string zsh_completion(const CommandWords& program) {
  std::string out = "#compdef pbxbridge\n# zsh completion for pbxbridge, made by `pbxbridge completion zsh`\n\n";
  for_each_command(program, "", [&](const CommandWords& command, const std::string& path) {
    append_zsh_function(out, command, path);
  });
  return out +
         "if [[ $funcstack[1] == _pbxbridge ]]; then\n  _pbxbridge \"$@\"\nelse\n  compdef _pbxbridge pbxbridge\nfi\n";
}

std::string fish_completion(const CommandWords& program) {
  std::string out =
      "# fish completion for pbxbridge, made by `pbxbridge completion fish`\n\ncomplete -c pbxbridge -f\n";
  for_each_command(program, "", [&](const CommandWords& command, const std::string& path) {
    const std::string condition = in_quotes(fish_condition(command, path));
    for (const auto& child : command.commands)
      out += fmt::format("complete -c pbxbridge -n {} -a {} -d {}\n", condition, child.name,
                         in_quotes(short_text(child.text)));
    for (const auto& option : command.options) {
      out += fmt::format("complete -c pbxbridge -n {}", condition);
      for (const auto& name : option.names)
        out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
      out += fmt::format(" -d {}{}\n", in_quotes(short_text(option.text)), fish_value(option.value));
    }
    if (command.argument.kind == Value::Kind::none || command.argument.kind == Value::Kind::any) return;
    const auto value = command.argument.kind == Value::Kind::file ? " -F" : fish_value(command.argument);
    out += fmt::format("complete -c pbxbridge -n {}{}\n", condition, value);
  });
  return out;
}

}  // namespace pbxbridge::cli
