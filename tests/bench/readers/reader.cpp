#include "readers/reader.hpp"

#include "readers/command_input.hpp"

#include <chrono>
#include <exception>
#include <iostream>
#include <string_view>

namespace pbxbridge::bench {

namespace {

using std::chrono::milliseconds;

/// Says how many have arrived. The runner need not know of each one, and telling it costs time that is measured.
class Teller {
 public:
  void tell(std::uint64_t arrived) {
    constexpr milliseconds at_most_every(50);
    const auto now = std::chrono::steady_clock::now();
    if (arrived == told_ || now - told_at_ < at_most_every) return;
    told_at_ = now;
    told_ = arrived;
    say("arrived " + std::to_string(arrived));
  }

 private:
  std::uint64_t told_ = 0;
  std::chrono::steady_clock::time_point told_at_{};
};

}  // namespace

void serve(Source& source, const ReaderOptions& options) {
  constexpr std::string_view judge = "judge";
  const EventFile events(options.events);
  Account account(events);
  CommandInput input;
  Teller teller;
  say("ready");
  for (;;) {
    teller.tell(source.look(account));
    const auto command = input.next(milliseconds(0));
    if (!command) continue;
    if (*command == "quit") return;
    if (!command->starts_with(judge)) continue;
    source.read_rest(account);
    return say(account.close(command->size() > judge.size() ? command->substr(judge.size() + 1) : ""));
  }
}

int reader_main(CLI::App& app, ReaderOptions& options, int argument_count, char** arguments,
                const std::function<void()>& run) {
  app.add_option("--events", options.events, "Directory that bench-events has made")->required();
  app.add_flag("--live", options.live, "Take the time of each message as it comes");
  app.add_flag("--cloudevents", options.cloudevents, "Judge the attributes of each message as well");
  CLI11_PARSE(app, argument_count, arguments);
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << app.get_name() << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace pbxbridge::bench
