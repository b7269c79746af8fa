#pragma once

#include "simulator/model/scale.hpp"
#include "simulator/model/topic.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pbxbridge::sim {

/// Options of the command line.
struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: chosen by the kernel
  bool tls = false;
  std::filesystem::path tls_directory;  ///< directory for ca.pem; empty: none
  std::string tls_name;                 ///< host name of the certificate; empty: localhost, 127.0.0.1 and ::1
  std::filesystem::path users_file;     ///< tenants and users; empty: the built-in ones
  Scale scale;                          ///< of the built-in tenants
  Dialect dialect = Dialect::v22;
  bool answer_subscribes = true;
  bool snapshots = true;
  bool subscribe_at_sign_in = false;
  double rate = 0;   ///< events a second
  double speed = 0;  ///< of the model's clock, 1: as fast as the real one; 0: as fast as the rate needs
  std::optional<std::uint64_t> count;      ///< stop after so many events
  std::optional<double> duration;          ///< stop after so many seconds
  std::optional<std::int64_t> start_time;  ///< of the model's clock, UNIX seconds; empty: now
  std::uint64_t seed = 1;
  std::uint32_t prepare = 0;  ///< events made beforehand and repeated; 0: each is made when it is due
  std::filesystem::path replay_file;
  std::uint32_t start_after = 1;  ///< subscriptions granted before the first event
  bool exit_when_done = false;
  bool quirks = false;
  std::uint32_t token_lifetime = 1800;  ///< seconds
  std::uint32_t rest_limit = 0;         ///< requests a second; 0: none
  bool control = false;
  std::string control_http;  ///< address; empty: none
  std::filesystem::path scenario_file;
  std::filesystem::path cues_file;
  std::filesystem::path ledger_file;  ///< empty: none
  bool verbose = false;
  bool print_model = false;  ///< and nothing else
};

/// Empty where the program is to end at once with `exit_code`: after --help or a mistake, which it has reported.
std::optional<Options> parse_options(int argument_count, const char* const* arguments, int& exit_code);

}  // namespace pbxbridge::sim
