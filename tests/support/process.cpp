#include "process.hpp"

#include "wait.hpp"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <signal.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::test {

namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    read_end = ends[0];
    write_end = ends[1];
  }
};

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const auto& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

Process::Process(std::vector<std::string> command) : Process(std::move(command), Options{}) {}

Process::Process(std::vector<std::string> command, Options options) {
  if (!options.network_namespace.empty())
    command.insert(command.begin(), {"ip", "netns", "exec", options.network_namespace});
  const Pipe input, output, error;
  const auto arguments = pointers(command);
  const auto environment = merged_environment(options.environment);
  const auto environment_pointers = pointers(environment);
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input.read_end, STDIN_FILENO);
    dup2(output.write_end, STDOUT_FILENO);
    dup2(error.write_end, STDERR_FILENO);
    if (!options.working_directory.empty() && chdir(options.working_directory.c_str()) != 0) _exit(126);
    execvpe(arguments[0], arguments.data(), environment_pointers.data());
    _exit(127);
  }
  ::close(input.read_end);
  ::close(output.write_end);
  ::close(error.write_end);
  input_ = input.write_end;
  output_reader_ = std::thread([this, end = output.read_end] { read_stream(end, output_); });
  error_reader_ = std::thread([this, end = error.read_end] { read_stream(end, error_); });
}

Process::~Process() {
  close_input();
  if (running()) {
    send_signal(SIGKILL);
    (void)wait();
  }
  output_reader_.join();
  error_reader_.join();
}

void Process::send_signal(int signal) const { ::kill(pid_, signal); }

void Process::freeze() const {
  send_signal(SIGSTOP);
  const auto stands_still = [tasks = "/proc/" + std::to_string(pid_) + "/task"] {
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::ifstream file(task.path() / "stat");
      const std::string stat{std::istreambuf_iterator<char>(file), {}};
      const auto name_end = stat.rfind(") ");  // proc(5): PID (NAME) STATE
      if (name_end != std::string::npos && stat[name_end + 2] != 'T') return false;
    }
    return true;
  };
  if (!eventually(stands_still)) throw std::runtime_error("a process does not stop");
}

void Process::thaw() const { send_signal(SIGCONT); }

void Process::write_line(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(input_, text.data() + written, text.size() - written);
    if (count < 0) throw std::system_error(errno, std::generic_category(), "write to a child");
    written += static_cast<std::size_t>(count);
  }
}

void Process::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

bool Process::running() { return !wait(std::chrono::milliseconds(0)).has_value(); }

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
  const auto ended = [this] {
    if (exit_code_) return true;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  };
  const auto heard_out = [this] {
    const std::lock_guard lock(mutex_);
    return output_.ended && error_.ended;
  };
  // Its last words may still be on their way, unless a child of its own holds the pipe open.
  constexpr std::chrono::seconds longest_way{2};
  if (eventually(ended, deadline) && deadline.count() > 0) (void)eventually(heard_out, longest_way);
  return exit_code_;
}

std::vector<std::string> Process::output_lines() const {
  const std::lock_guard lock(mutex_);
  return output_.lines;
}

std::vector<std::string> Process::error_lines() const {
  const std::lock_guard lock(mutex_);
  return error_.lines;
}

std::optional<std::string> Process::wait_for_output(const std::string& part, std::chrono::milliseconds deadline) const {
  return wait_for(output_, part, deadline);
}

std::optional<std::string> Process::wait_for_error(const std::string& part, std::chrono::milliseconds deadline) const {
  return wait_for(error_, part, deadline);
}

std::string Process::transcript() const {
  std::string result;
  for (const auto& line : output_lines()) result += "out: " + line + "\n";
  for (const auto& line : error_lines()) result += "err: " + line + "\n";
  return result;
}

std::optional<std::string> Process::wait_for(const Stream& stream, const std::string& part,
                                             std::chrono::milliseconds deadline) const {
  std::optional<std::string> found;
  std::size_t seen = 0;
  (void)eventually(
      [&] {
        const std::lock_guard lock(mutex_);
        for (; seen < stream.lines.size(); ++seen)
          if (stream.lines[seen].find(part) != std::string::npos) {
            found = stream.lines[seen];
            return true;
          }
        return false;
      },
      deadline);
  return found;
}

void Process::read_stream(int descriptor, Stream& stream) {
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0) break;
    const std::lock_guard lock(mutex_);
    for (ssize_t i = 0; i < count; ++i) {
      if (buffer[i] == '\n')
        stream.lines.push_back(std::exchange(stream.rest, {}));
      else
        stream.rest += buffer[i];
    }
  }
  ::close(descriptor);
  const std::lock_guard lock(mutex_);
  stream.ended = true;
}

Ended run_to_end(std::vector<std::string> command, const std::optional<std::string>& input) {
  Process process(std::move(command));
  if (input) process.write_line(*input);
  process.close_input();
  const auto exit_code = process.wait();
  return {exit_code, process.output_lines(), process.error_lines(), process.transcript()};
}

}  // namespace pbxbridge::test
