#include "simulator/record/record_options.hpp"

#include "config/load.hpp"
#include "config/schema/file_text.hpp"
#include "config/subscribe_topics.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/config/schema.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sysexits.h>
#include <vector>

namespace pbxbridge::sim {

namespace {

constexpr std::uint64_t largest_message = 64 * 1024 * 1024;

constexpr auto footer =
    R"(The account's file is as `auth` of pbxbridge's configuration, for instance
  { username: bridge, domain: example.com, password_file: /run/secrets/pbx }

  pbxbridge-sim record --url wss://pbx.example.com:8887/wsi --account account.yaml --topic cdr_events \
      --topic extension_events=101,102 --topic queue_events=8001 --out session.ndjson)";

config::AuthConfig load_account(const std::filesystem::path& file) {
  auto text = config::read_file(file, config::max_document_bytes);
  if (!text) throw std::runtime_error(fmt::format("{}: {}", file.string(), text.error().text));
  config::AuthConfig account;
  config::Report report;
  if (const auto document = config::parse_document(*text, report))
    config::AuthConfig::schema().read(*document, account, report);
  if (report.error_count() > 0) throw std::runtime_error("\n" + config::format_problems(report, file.string()));
  return account;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> elements;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    elements.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(list.size(), end + 1));
  }
  return elements;
}

/// `TOPIC`, or `TOPIC=ELEMENT,ELEMENT`. With version 16 the elements of extension_events are extensions as well.
config::SubscribeConfig subscription(const std::string& text) {
  config::SubscribeConfig subscribe;
  const auto equals = std::min(text.find('='), text.size());
  subscribe.topic = text.substr(0, equals);
  auto elements = split(std::string_view(text).substr(std::min(text.size(), equals + 1)));
  const auto* topic = config::find_subscribe_topic(subscribe.topic);
  const auto selector = topic == nullptr ? std::string_view() : topic->selector;
  if (selector == "extensions")
    subscribe.extensions = std::move(elements);
  else if (selector == "queues")
    subscribe.queues = std::move(elements);
  else if (selector == "tenants")
    subscribe.tenants = std::move(elements);
  else if (!elements.empty())
    throw CLI::ValidationError("--topic", fmt::format("{} takes no list", subscribe.topic));
  return subscribe;
}

}  // namespace

std::optional<RecordOptions> parse_record_options(int argument_count, const char* const* arguments, int& exit_code) {
  RecordOptions options;
  std::filesystem::path account;
  std::vector<std::string> topics;
  std::string dialect = "22";
  std::int64_t duration = 0;
  CLI::App app("Writes down a session with a PBX: what is sent and what comes, with times, without passwords.",
               "pbxbridge-sim record");
  app.footer(footer);
  app.add_option("--url", options.pbx.url.value, "wss://HOST:8887/wsi; version 16: wss://HOST:8885")->required();
  app.add_option("--account", account, "YAML file of the account, below")->required()->check(CLI::ExistingFile);
  app.add_option("--topic", topics, "TOPIC, or TOPIC=101,102 of the extensions, queues or tenants that it asks for")
      ->required();
  app.add_option("--out", options.out, "File to write; it must not exist")->required();
  app.add_option("--duration", duration, "Seconds from the answer to auth; 0: until it is interrupted")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--dialect", dialect, "Version of the PBX: 22 or 16")
      ->check(CLI::IsMember({"22", "16"}))
      ->capture_default_str();
  app.add_option("--ca-file", options.pbx.tls.ca_file, "Certificates to trust, PEM, instead of the system's")
      ->check(CLI::ExistingFile);
  app.add_option("--server-name", options.pbx.tls.server_name, "Name in the certificate, if it is not the URL's host");
  app.add_flag("--insecure-skip-verify", options.pbx.tls.insecure_skip_verify, "Do not verify the certificate");
  app.add_option("--max-message", options.pbx.max_frame_size.bytes, "Bytes; a larger message is left out")
      ->check(CLI::Range(std::uint64_t{1}, largest_message))
      ->capture_default_str();
  try {
    app.parse(argument_count, arguments);
    for (const auto& topic : topics) options.pbx.subscribe.push_back(subscription(topic));
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : EX_USAGE;
    return std::nullopt;
  }
  options.pbx.auth = load_account(account);
  options.pbx.dialect = dialect == "16" ? config::Dialect::v16 : config::Dialect::v22;
  options.duration = std::chrono::seconds(duration);
  return options;
}

}  // namespace pbxbridge::sim
