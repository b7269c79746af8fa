#include "simulator/server/options.hpp"

#include "simulator/faults/fault.hpp"
#include "simulator/model/pace.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sysexits.h>
#include <utility>

namespace pbxbridge::sim {

namespace {

constexpr int max_prepared = 1'000'000;
constexpr double shortest_duration = 0.001;             // seconds
constexpr double longest_duration = 31'622'400;         // a year
constexpr unsigned longest_lifetime = 31'622'400;       // a year, in seconds
constexpr std::int64_t latest_start = 253'402'300'799;  // the last second of 9999

const std::string commands =
    R"(Commands, one a line, for --control; each is answered by `ok ...` or `error: ...`:
  push TEXT               this frame, to the clients whose subscriptions cover it
  push-hex HEX            the same with any bytes; push-binary-hex HEX as a binary frame
  push-all TEXT           this frame, to every connected client
  replay FILE             each line of the file as a frame
  start                   the first event now, whatever --start-after waits for
  rate N                  events of the model a second from now on
  speed N                 the model's clock goes so many times as fast as the real one from now on
  rest-limit N            requests a second, beyond which the REST API answers 429; 0: no limit
  state                   the state of the model into the ledger, as it is also written at the end
  call FROM TO            an extension or a number outside calls another, or a queue;
                          it fails where TO is an extension that is busy or not registered
  answer EXTENSION        the call that rings there
  hold|take-back|hang-up EXTENSION
                          the call in which it talks
  transfer EXTENSION TO   that call, to another extension that is idle
  presence EXTENSION STATE
                          ONLINE, LUNCH, BUSINESS_TRIP, DO_NOT_DISTURB or AWAY
  extension create|update|destroy|register|unregister NUMBER
  queue create|update|destroy NUMBER
  agent login|logout|add|remove EXTENSION QUEUE
  trunk connect|disconnect NAME
                          each from `call` on takes a tenant's domain as its last word, otherwise the first is meant
  activity FACTOR|day     calls, as a multiple of an ordinary afternoon's, or as the hour has it
  quit                    closes every connection and ends
Faults are commands as well:
)";

constexpr auto scenarios =
    "A scenario is a list of such as { at: 20s, do: silent on, for: 5s } and { at: 60s, do: drop rst, every: 30s }.";

/// They are listed here, and run by main() before it comes to these options.
void list_subcommands(CLI::App& app) {
  for (const auto& [name, text] : {std::pair("record", "Write down a session with a real PBX"),
                                   std::pair("sanitise", "Make a recording fit to be given away")})
    app.add_subcommand(name, text)->parse_complete_callback([] {
      throw CLI::ValidationError("a subcommand comes before all options");
    });
}

/// `HOST:PORT`, with an IPv6 address in brackets.
void split_listen(const std::string& listen, Options& options) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) throw CLI::ValidationError("--listen", "expected ADDRESS:PORT");
  const auto* end = listen.data() + listen.size();
  const auto [stop, error] = std::from_chars(listen.data() + colon + 1, end, options.port);
  if (error != std::errc() || stop != end) throw CLI::ValidationError("--listen", "the port must be from 0 to 65535");
  options.address = listen.substr(0, colon);
  if (options.address.starts_with('[') && options.address.ends_with(']'))
    options.address = options.address.substr(1, options.address.size() - 2);
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(options.address, not_an_address);
  if (not_an_address)
    throw CLI::ValidationError("--listen", fmt::format("`{}` is no IP address, such as 127.0.0.1", options.address));
}

void add_scale(CLI::App& app, Scale& scale, CLI::Option* users) {
  app.add_option("--tenants", scale.tenants, "So many tenants, instead of the built-in two")
      ->check(CLI::Range(1U, max_tenants))
      ->excludes(users);
  app.add_option("--extensions", scale.extensions, "So many extensions in each built-in tenant, instead of 20")
      ->check(CLI::Range(2U, max_extensions))
      ->excludes(users);
  app.add_option("--queues", scale.queues, "So many queues in each built-in tenant, instead of 3")
      ->check(CLI::Range(1U, max_queues))
      ->excludes(users);
}

/// Options of the endpoint and of who may use it. Returns that of the users, which others exclude.
CLI::Option* add_endpoint(CLI::App& app, Options& options, std::string& listen) {
  app.add_option("--listen", listen, "ADDRESS:PORT; port 0 is chosen by the kernel and printed")->capture_default_str();
  app.add_flag("--tls", options.tls, "Serve wss, with a certificate made at the start");
  app.add_option("--tls-directory", options.tls_directory, "Write ca.pem there, for clients to trust (implies --tls)");
  app.add_option("--tls-name", options.tls_name,
                 "Host name of the certificate, instead of localhost and 127.0.0.1 (implies --tls)");
  auto* users = app.add_option("--model,--users", options.users_file,
                               "YAML file of tenants and users, instead of the built-in ones")
                    ->check(CLI::ExistingFile);
  app.add_flag("--print-model", options.print_model, "Print the built-in tenants and users as such a file, and end");
  return users;
}

/// Options of the version and of what it does with a subscribe.
void add_dialect(CLI::App& app, Options& options, std::string& dialect) {
  app.add_option("--dialect", dialect, "Version of the PBX: 22 or 16")
      ->check(CLI::IsMember({"22", "16"}))
      ->capture_default_str();
  app.add_flag("!--no-subscribe-answers", options.answer_subscribes, "Do not answer subscribe and unsubscribe");
  app.add_flag("!--no-snapshots", options.snapshots, "Push no state after a subscribe");
  app.add_flag("--subscribe-at-sign-in", options.subscribe_at_sign_in,
               "Let system administrators have every global topic unasked: for clients that can send one message only");
}

/// Rejects NaN, which CLI::Range lets through.
CLI::Validator not_nan() {
  return {[](const std::string& text) {
            return std::isnan(std::strtod(text.c_str(), nullptr)) ? "expected a number, and not NaN" : std::string();
          },
          ""};
}

/// Options of how many events are pushed and when. Returns that of when the first is.
CLI::Option* add_events(CLI::App& app, Options& options) {
  auto* rate = app.add_option("--rate", options.rate, "Events a second; 0: none, for --replay: as fast as they go")
                   ->check(not_nan())
                   ->check(CLI::Range(0.0, max_rate))
                   ->capture_default_str();
  auto* speed =
      app.add_option(
             "--speed", options.speed,
             "Let the model's clock go so many times as fast as the real one, and push what happens when it happens")
          ->check(not_nan())
          ->check(CLI::Range(0.0, max_speed))
          ->excludes(rate);
  auto* count = app.add_option("--count", options.count, "Stop after so many events that somebody received")
                    ->check(CLI::NonNegativeNumber);
  app.add_option("--duration", options.duration, "Stop after so many seconds")
      ->check(not_nan())
      ->check(CLI::Range(shortest_duration, longest_duration));
  app.add_option("--seed", options.seed, "The same seed makes the same calls")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--start-time", options.start_time,
                 "UNIX seconds on the model's clock at the start, instead of now: makes the very same events")
      ->check(CLI::Range(std::int64_t{0}, latest_start));
  app.add_option("--prepare", options.prepare,
                 "Make so many events beforehand and repeat them: costs the least, for benchmarks")
      ->check(CLI::Range(0, max_prepared))
      ->excludes(speed);
  app.add_option("--replay", options.replay_file,
                 "Push a recording with its times (--speed 10: ten times as fast), or each line of another file as it "
                 "is, instead of made-up events")
      ->check(CLI::ExistingFile)
      ->excludes(count);
  return app.add_option("--start-after", options.start_after,
                        "Begin when so many subscriptions are granted; 0: at once. Otherwise 1, and 0 with --speed");
}

/// Options of the REST API, of commands, and of what is written down.
void add_control(CLI::App& app, Options& options) {
  app.add_flag("--exit-when-done", options.exit_when_done,
               "End when --count or --duration is reached or --replay is through, and everything is sent");
  app.add_flag(
      "--quirks", options.quirks,
      "Make events untidy: repeated keys, numbers as texts, misspellings, unknown types, names in many scripts");
  app.add_option("--token-lifetime", options.token_lifetime,
                 "Seconds for which an access token of the REST API is good")
      ->check(CLI::Range(1U, longest_lifetime))
      ->capture_default_str();
  app.add_option("--rest-limit", options.rest_limit,
                 "Requests a second, beyond which the REST API answers 429; 0: no limit")
      ->capture_default_str();
  app.add_flag("--control", options.control, "Read commands from standard input, one a line");
  app.add_option("--control-http", options.control_http,
                 "Take commands by HTTP on this loopback ADDRESS:PORT: POST /control/drop/rst");
  app.add_option("--scenario", options.scenario_file, "YAML file of commands and when to run them, below")
      ->check(CLI::ExistingFile);
  app.add_option("--cues", options.cues_file, "The same in short: `AFTER_SECONDS COMMAND` lines")
      ->check(CLI::ExistingFile);
  app.add_option("--ledger", options.ledger_file,
                 "Write there what is pushed to whom and when, a JSON line each; numbers the made-up events");
  app.add_flag("--verbose", options.verbose, "Report what clients do, a line each");
}

}  // namespace

std::optional<Options> parse_options(int argument_count, const char* const* arguments, int& exit_code) {
  Options options;
  std::string listen = "127.0.0.1:0";
  std::string dialect = "22";
  CLI::App app("A simulated PortSIP PBX: its WebSocket publish/subscribe interface, with calls that nobody makes.",
               "pbxbridge-sim");
  app.footer(commands + faults_text() + scenarios);
  add_scale(app, options.scale, add_endpoint(app, options, listen));
  add_dialect(app, options, dialect);
  const CLI::Option* const start_after = add_events(app, options);
  add_control(app, options);
  list_subcommands(app);
  try {
    app.parse(argument_count, arguments);
    split_listen(listen, options);
    if (options.exit_when_done && !options.count && !options.duration && options.replay_file.empty())
      throw CLI::RequiresError("--exit-when-done", "--count, --duration or --replay");
    if (start_after->empty() && options.speed > 0 && options.replay_file.empty()) options.start_after = 0;
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : EX_USAGE;
    return std::nullopt;
  }
  options.tls = options.tls || !options.tls_directory.empty() || !options.tls_name.empty();
  options.dialect = dialect == "16" ? Dialect::v16 : Dialect::v22;
  return options;
}

}  // namespace pbxbridge::sim
