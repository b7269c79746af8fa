#include "simulator.hpp"

#include "wait.hpp"

#include <algorithm>
#include <stdexcept>

namespace pbxbridge::test {

namespace {

std::vector<std::string> command_line(const std::vector<std::string>& arguments,
                                      const std::filesystem::path& directory) {
  std::vector<std::string> command{PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge-sim", "--control", "--verbose"};
  if (std::ranges::any_of(arguments, [](const std::string& word) { return word.starts_with("--tls"); }))
    command.insert(command.end(), {"--tls-directory", directory.string()});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

Simulator::Simulator(std::vector<std::string> arguments) : process_(command_line(arguments, directory_.path())) {
  constexpr std::string_view announcement = "listening ";
  const auto line = process_.wait_for_output(std::string(announcement));
  if (!line) throw std::runtime_error("pbxbridge-sim does not listen:\n" + process_.transcript());
  url_ = line->substr(announcement.size());
}

std::uint16_t Simulator::port() const {
  return static_cast<std::uint16_t>(std::stoul(url_.substr(url_.rfind(':') + 1)));
}

std::string Simulator::command(const std::string& line) {
  const auto before = answers().size();
  process_.write_line(line);
  if (!eventually([&] { return answers().size() > before; }))
    throw std::runtime_error("no answer to `" + line + "`:\n" + process_.transcript());
  const auto answer = answers().at(before);
  if (!answer.starts_with("ok ")) throw std::runtime_error("`" + line + "` was rejected: " + answer);
  return answer;
}

std::optional<std::string> Simulator::wait_for(const std::string& part, std::chrono::milliseconds deadline) const {
  return process_.wait_for_output(part, deadline);
}

std::vector<std::string> Simulator::answers() const {
  auto lines = process_.output_lines();
  std::erase_if(lines,
                [](const std::string& line) { return !line.starts_with("ok ") && !line.starts_with("error: "); });
  return lines;
}

}  // namespace pbxbridge::test
