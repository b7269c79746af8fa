#include "cli/help_text.hpp"

#include <algorithm>
#include <sstream>

namespace pbxbridge::cli {

namespace {

constexpr std::size_t help_columns = 80;
constexpr std::size_t command_column = 16;

/// Breaks the text between words, so that no line is longer than `width`, unless a word is.
std::string wrapped(std::string_view text, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (used > 0) {
      const bool fits = used + 1 + word.size() <= width;
      out += fits ? ' ' : '\n';
      used = fits ? used + 1 : 0;
    }
    out += word;
    used += word.size();
  }
  return out;
}

}  // namespace

std::string_view summary_of(std::string_view text) {
  constexpr std::string_view ends[] = {". ", ": ", "; "};
  std::size_t size = text.size();
  for (const std::string_view end : ends) size = std::min(size, text.find(end));
  return text.substr(0, size);
}

std::string HelpText::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), help_columns) + "\n";
}

std::string HelpText::make_subcommand(const CLI::App* command) const {
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_display_name(true),
                           wrapped(summary_of(command->get_description()), help_columns - command_column),
                           command_column);
  return out.str();
}

/// Leaves out a list of choices, which the description has.
std::string HelpText::make_option_opts(const CLI::Option* option) const {
  std::string text = Formatter::make_option_opts(option);
  if (const auto begin = text.find(":{"); begin != std::string::npos)
    text.erase(begin, text.find('}', begin) + 1 - begin);
  return text;
}

std::string HelpText::make_option_desc(const CLI::Option* option) const {
  return wrapped(option->get_description(), help_columns - get_column_width());
}

}  // namespace pbxbridge::cli
