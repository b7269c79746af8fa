// `pbxbridge top`: a running bridge in a terminal, each second.

#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/running_bridge.hpp"
#include "cli/terminal.hpp"
#include "cli/top_table.hpp"
#include "text/log_text.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <ostream>
#include <poll.h>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace pbxbridge::cli {

namespace {

constexpr int interval_ms = 1000;
constexpr TerminalSize unknown_size{120, 1000};

volatile std::sig_atomic_t ended_by = 0;

/// Notes a signal that would end the process, as long as this lives, so that the terminal can be left as it was.
class NotedSignals {
 public:
  NotedSignals() {
    struct sigaction noted {};
    noted.sa_handler = [](int signal) { ended_by = signal; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &noted, nullptr);
    noted.sa_handler = [](int) {};
    ::sigaction(SIGWINCH, &noted, nullptr);  // ends the wait, so that it is shown in the new size at once
  }
  ~NotedSignals() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) ::signal(signal, SIG_DFL);
  }
  NotedSignals(const NotedSignals&) = delete;
  NotedSignals& operator=(const NotedSignals&) = delete;
};

/// Keys come one by one and are not shown; as it was when this goes.
class KeyByKey {
 public:
  KeyByKey() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    is_terminal_ = true;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~KeyByKey() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  KeyByKey(const KeyByKey&) = delete;
  KeyByKey& operator=(const KeyByKey&) = delete;

  /// Waits for the next second; true where `q` was pressed, nobody can press it any more, or a signal has come.
  bool wants_to_quit() const {
    pollfd input{.fd = is_terminal_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
    if (ended_by != 0) return true;
    if (::poll(&input, 1, interval_ms) <= 0) return ended_by != 0;
    char key = 0;
    return ::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q';
  }

 private:
  termios before_{};
  bool is_terminal_ = false;
};

void print(const std::vector<std::string>& lines, std::size_t rows, const char* end_of_line, std::ostream& output) {
  for (std::size_t i = 0; i < lines.size() && i < rows; ++i) output << lines[i] << end_of_line;
  output.flush();
}

Colour colour_of_level(const std::string& level) {
  if (level == "well") return Colour::green;
  return level == "warning" ? Colour::yellow : Colour::red;
}

std::vector<std::string> lines_of(const Result<std::string>& answer, std::size_t columns) {
  if (!answer) return {text::log_text(answer.error().text, columns)};
  const auto status = nlohmann::json::parse(*answer, nullptr, false);
  try {
    std::vector<std::string> lines = top_table(status, columns);
    if (shows_colour(STDOUT_FILENO)) lines[0] = coloured(lines[0], colour_of_level(status.at("verdict").at("level")));
    return lines;
  } catch (const nlohmann::json::exception&) {
    return {"it does not answer as pbxbridge does"};
  }
}

}  // namespace

int top_command(const std::filesystem::path& configuration_file, const TopRequest& request, std::ostream& output,
                std::ostream& errors) {
  const RunningBridge bridge(configuration_file, request.address);
  if (request.once) {
    const auto answer = bridge.status();
    if (!answer) return failure(answer.error().text, app::exit_failure, errors);
    if (request.json)
      output << *answer << '\n';
    else
      print(lines_of(answer, terminal_size(STDOUT_FILENO, unknown_size).columns), 1000, "\n", output);
    return app::exit_ok;
  }
  const NotedSignals signals;
  const KeyByKey keys;
  output << "\x1b[?1049h";  // a screen of its own, so that the terminal's lines come back
  do {
    const TerminalSize size = terminal_size(STDOUT_FILENO, unknown_size);
    output << "\x1b[H\x1b[2J";
    print(lines_of(bridge.status(), size.columns), size.rows - 1, "\r\n", output);
    output << "q ends" << std::flush;
  } while (!keys.wants_to_quit() && output);
  output << "\x1b[?1049l" << std::flush;
  return ended_by == 0 ? static_cast<int>(app::exit_ok) : 128 + ended_by;
}

}  // namespace pbxbridge::cli
