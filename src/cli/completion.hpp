#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace pbxbridge::cli {

/// Kind of a word of the command line.
struct Value {
  enum class Kind : std::uint8_t { none, any, file, directory, choice } kind = Kind::none;
  std::vector<std::string> choices = {};
};

struct OptionWords {
  std::vector<std::string> names;  ///< with their dashes
  std::string text;
  Value value;  ///< none: a flag
};

/// A command with all that may stand behind it, as it is declared.
struct CommandWords {
  std::string name;
  std::string text;
  std::vector<OptionWords> options;
  Value argument;
  std::vector<CommandWords> commands;
};

CommandWords words_of(const CLI::App& app);

/// Scripts that complete `pbxbridge` in a shell. They stand alone: no package is needed for them.
std::string bash_completion(const CommandWords& program);
std::string zsh_completion(const CommandWords& program);
std::string fish_completion(const CommandWords& program);

}  // namespace pbxbridge::cli
