#include "sink/kafka/kafka_options_check.hpp"

#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/reader.hpp"
#include "text/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace pbxbridge::sink {

namespace {

/// librdkafka's own (CONFIGURATION.md, sasl.kerberos.kinit.cmd).
constexpr std::string_view default_kinit =
    "kinit -R -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal} || "
    "kinit -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal}";

struct ReservedOption {
  std::string_view name;
  std::string_view instead;
};
constexpr ReservedOption reserved_options[] = {
    {"bootstrap.servers", "it is made from brokers"},
    {"metadata.broker.list", "it is made from brokers"},
    {"allow.auto.create.topics", "topics are created by create_topics alone"},
    {"sasl.password", "use sasl.password or sasl.password_file of the sink"},
    {"ssl.key.password", "use tls.key_password or tls.key_password_file of the sink"},
    {"delivery.report.only.error", "without reports of success nothing counts as delivered"},
    {"enabled_events", "the sink sets it"},
    {"log.queue", "the sink sets it"},
    {"transactional.id", "this sink does not write in transactions"},
};

/// librdkafka's table of its options, one a line: `NAME | C/P | ...`. Its aliases stand nowhere else.
std::string option_table() {
  char* text = nullptr;
  std::size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  if (stream == nullptr) return {};
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  std::string table(text, size);
  std::free(text);
  return table;
}

std::vector<std::string_view> option_names(std::string_view table) {
  std::vector<std::string_view> names;
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    if (line.find('|') != std::string_view::npos) names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

std::string unknown_option(const std::string& name) {
  static const std::string table = option_table();  // the same as long as the process runs
  const std::string_view near = config::did_you_mean(name, option_names(table));
  std::string text = "options." + config::key_text(name) + ": librdkafka has no such option";
  if (!near.empty()) text += "; did you mean " + std::string(near) + "?";
  return text;
}

/// librdkafka names an alias by the option that it stands for, and ends some texts with line breaks.
std::string own_words(std::string text, const std::string& name) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
  if (text.find(name) == std::string::npos) text += " (another name of " + name + ")";
  return text;
}

std::string built_in_features() {
  const KafkaConf conf(rd_kafka_conf_new());
  return value_of(conf.get(), "builtin.features");
}

/// Nothing, or what is wrong.
std::optional<std::string> wrong_option(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  const auto reserved = std::ranges::find(reserved_options, name, &ReservedOption::name);
  if (reserved != std::end(reserved_options))
    return "options." + name + ": cannot be set here: " + std::string(reserved->instead);
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK:
      // Many texts are a zero to librdkafka.
      if ((name != "acks" && name != "request.required.acks") || value_of(conf, "acks") != "0") return {};
      return "options." + name + ": without acknowledgements nothing counts as delivered; choose 1 or all";
    case RD_KAFKA_CONF_UNKNOWN:
      return unknown_option(name);
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  if (is_secret_option(name)) return "options." + name + ": librdkafka does not take this value";
  std::string words = own_words(text.data(), name);
  if (words.find("not supported in this build") != std::string::npos) words += "; it has " + built_in_features();
  return "options." + name + ": " + words;
}

/// Options with which librdkafka works and the promise of this sink is weaker.
struct WeakeningOption {
  std::string_view names[2];
  std::string_view safe_value;  ///< as librdkafka tells it, however it was written
  std::string_view consequence;
};
constexpr WeakeningOption weakening_options[] = {
    {{"acks", "request.required.acks"},
     "-1",
     "an event that one broker alone has acknowledged is lost with that broker"},
    {{"enable.idempotence", ""},
     "true",
     "when a broker is asked again, events of one key may come twice or in another order"},
    {{"message.timeout.ms", "delivery.timeout.ms"},
     "0",
     "what no broker takes in that time is sent again, so that it may come twice or in another order"},
    {{"enable.ssl.certificate.verification", ""},
     "true",
     "whoever is on the way can pose as the broker, and get the account and all events"},
    {{"ssl.endpoint.identification.algorithm", ""},
     "https",
     "any host with a certificate of the same authority can pose as the broker"},
    {{"ssl.cipher.suites", ""}, "", "what is recorded today can be read by whoever gets the broker's key one day"},
};

/// `conf` holds them.
void warn_of_weakening(const KafkaSettings& settings, const rd_kafka_conf_t* conf, config::Report& report) {
  for (const auto& [name, value] : settings.options)
    for (const auto& [names, safe_value, consequence] : weakening_options)
      if (std::ranges::count(names, name) > 0 && value_of(conf, names[0].data()) != safe_value)
        report.warning(value.location,
                       "options." + name + ": weaker than what this sink sets: " + std::string(consequence));
}

/// Returns the path of the file or directory that the option names; empty: none.
std::string_view named_path(std::string_view option, std::string_view value) {
  constexpr std::string_view keytab_type = "FILE:";  // Kerberos takes a path with it, too
  if (option == "sasl.kerberos.keytab")
    return value.starts_with(keytab_type) ? value.substr(keytab_type.size()) : value;
  return option.ends_with(".location") && value != "probe" ? value : std::string_view();
}

/// Treats them as the fields of the sink that name files. librdkafka would wait for the writer of a pipe.
void check_files(const KafkaSettings& settings, config::Report& report) {
  for (const auto& [name, value] : settings.options) {
    const std::filesystem::path path = named_path(name, value.value);
    const std::string key = "options." + name;
    if (path.empty() || config::warn_of_unreadable_file(value.location, key, path, report)) continue;
    std::error_code unknown;
    if (name == "ssl.ca.location" && std::filesystem::is_directory(path, unknown)) continue;
    config::check_file(value.location, key, path, report);
  }
}

/// One that names another protocol than `tls` does would send in clear text what is to be encrypted.
void check_protocol(const KafkaSettings& settings, config::Report& report) {
  if (settings.tls && !security_protocol(settings).ends_with("ssl"))
    report.error(settings.options.at("security.protocol").location,
                 "options.security.protocol: takes away the TLS that `tls` asks for; leave it out");
}

/// Leaves out TLS for its time, too. A reload checks on the io thread, where this took 0.2 to 30 ms on a machine under
/// full load (the first producer of a process 40 ms more, before anything runs); with TLS, which loads all trusted
/// certificates, it took 300 to 600 ms.
KafkaSettings without_effects(KafkaSettings settings) {
  settings.brokers.clear();
  settings.tls.reset();
  if (settings.sasl && settings.sasl->username.empty()) settings.sasl->username = "unknown";  // reported already
  if (const auto protocol = settings.options.find("security.protocol"); protocol != settings.options.end())
    protocol->second.value = security_protocol(settings).starts_with("sasl") ? "sasl_plaintext" : "plaintext";
  const auto command = settings.options.find("sasl.kerberos.kinit.cmd");
  const std::string given = command == settings.options.end() ? std::string(default_kinit) : command->second.value;
  settings.options["sasl.kerberos.kinit.cmd"].value = "exit 0; " + given;
  return settings;
}

/// Without its mechanism, the other options of SASL would be called wrong for want of it.
void leave_out(KafkaSettings& settings, const std::string& name) {
  const bool is_mechanism = name == sasl_mechanism_option(settings);
  settings.options.erase(name);
  if (is_mechanism)
    std::erase_if(settings.options, [](const auto& option) {
      return option.first == "security.protocol" || option.first.starts_with("sasl.");
    });
}

/// Without a callback, librdkafka has no token but those that it makes itself for tests.
bool lacks_tokens(const KafkaSettings& settings) {
  const auto mechanism = settings.options.find(sasl_mechanism_option(settings));
  const auto unsecured = settings.options.find("enable.sasl.oauthbearer.unsecure.jwt");
  return mechanism != settings.options.end() && mechanism->second.value == "OAUTHBEARER" &&
         (unsecured == settings.options.end() || unsecured->second.value != "true");
}

/// The first thing that librdkafka rejects only when a producer is made from all options together, or nothing.
std::optional<std::string> contradiction(const KafkaSettings& settings) {
  auto conf = kafka_conf(kafka_options_to_check(settings));
  if (!conf) return conf.error().text;
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  const auto client = make_kafka_client(std::move(*conf));
  return client ? std::nullopt : std::optional(client.error().text);
}

/// The operator's option that is contradicted: the one that is so by itself, else the first of those that the words
/// name and without which they go. Empty: none is found.
std::string contradicted_option(const KafkaSettings& settings, const std::string& words) {
  KafkaSettings without = settings;
  without.options.clear();
  if (contradiction(without) == words) return {};  // it is the sink's own settings
  for (const auto& option : settings.options) {
    KafkaSettings alone = settings;
    alone.options = {option};
    if (contradiction(alone) == words) return option.first;
  }
  for (const auto& [name, value] : settings.options) {
    KafkaSettings others = settings;
    others.options.erase(name);
    if (words.find(name) != std::string::npos && contradiction(others) != words) return name;
  }
  return {};
}

/// Finds one after the other what librdkafka rejects only together: it stops at the first.
void check_together(KafkaSettings settings, config::Location location, config::Report& report) {
  if (lacks_tokens(settings)) {
    const std::string mechanism = sasl_mechanism_option(settings);
    report.error(settings.options.at(mechanism).location,
                 "options: OAUTHBEARER is set by sasl: { mechanism: OAUTHBEARER, token_endpoint: ..., client_id: "
                 "..., client_secret_file: ... }");
    leave_out(settings, mechanism);
  }
  while (auto words = contradiction(settings)) {
    const std::string name = contradicted_option(settings, *words);
    if (name.empty()) return report.error(location, "options: " + *words);
    const config::Location at = settings.options.at(name).location;
    if (name == sasl_mechanism_option(settings) && words->find("mechanism") != std::string::npos)
      *words += "; this librdkafka has " + built_in_features();
    report.error(at, "options: " + *words);
    leave_out(settings, name);
  }
}

using Places = std::set<std::pair<int, int>>;

Places places_of_errors(const config::Report& report) {
  Places places;
  for (const config::Problem& problem : report.problems())
    if (!problem.warning) places.emplace(problem.location.line, problem.location.column);
  return places;
}

}  // namespace

std::vector<KafkaOption> kafka_options_to_check(const KafkaSettings& settings) {
  return kafka_options(without_effects(settings), {.sasl_password = "unknown", .key_password = {}});
}

void check_kafka_options(const KafkaSettings& settings, config::Location options_location, config::Report& report) {
  const KafkaConf conf(rd_kafka_conf_new());
  const Places unreadable = places_of_errors(report);  // found while they were read
  KafkaSettings sound = settings;
  for (const auto& [name, value] : settings.options) {
    if (is_secret_option(name)) text::remember_secret(value.value);
    const bool is_read = !unreadable.contains({value.location.line, value.location.column});
    const auto wrong = is_read ? wrong_option(conf.get(), name, value.value) : std::nullopt;
    if (wrong) report.error(value.location, *wrong);
    if (wrong || !is_read) leave_out(sound, name);
  }
  warn_of_weakening(sound, conf.get(), report);
  check_files(sound, report);
  check_protocol(sound, report);
  check_together(sound, options_location, report);
}

}  // namespace pbxbridge::sink
