#include "cli/spool_access.hpp"

#include "admin/control_socket.hpp"
#include "app/run.hpp"
#include "cli/failure.hpp"
#include "cli/valid_configuration.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "spool/store/spool_lock.hpp"

#include <fmt/format.h>

#include <ostream>

namespace pbxbridge::cli {

int with_open_spool(const std::filesystem::path& configuration_file, config::SinkSources& sources, std::ostream& errors,
                    const std::function<int(const config::Config&, const spool::BatchStore&)>& use) {
  const auto configuration = load_configuration_with_spool(configuration_file, sources, errors);
  if (!configuration) return app::exit_configuration;
  const auto store = spool::BatchStore::open(configuration->config.spool.path, spool::BatchStore::Access::read_only);
  return store ? use(configuration->config, **store) : storage_failure(store.error(), errors);
}

Result<std::uint64_t> change_spool(const config::Config& config, const std::string& line,
                                   const std::function<Result<std::uint64_t>()>& at_rest) {
  const auto lock = spool::SpoolLock::take(config.spool.path);
  if (lock) return at_rest();
  if (!spool::SpoolLock::is_held(config.spool.path)) return lock.error();
  const auto answer = admin::ask_control_socket(config.control_socket(), line);
  if (!answer) return answer.error();
  return spool::parse_answer(*answer);
}

int storage_failure(const Error& error, std::ostream& errors) { return failure(error.text, app::exit_storage, errors); }

int report_damages(const std::vector<spool::Damage>& damages, std::ostream& errors) {
  for (const auto& damage : damages)
    errors << fmt::format("pbxbridge: damaged: after {} and before {}: {}\n", sequence_text(damage.after),
                          damage.before.value == 0 ? "the end" : sequence_text(damage.before), damage.reason);
  return damages.empty() ? app::exit_ok : app::exit_storage;
}

int report_damaged_letters(std::uint64_t letters, std::ostream& errors) {
  if (letters == 0) return app::exit_ok;
  errors << fmt::format("pbxbridge: damaged: {} dead letter{} cannot be read\n", letters, letters == 1 ? "" : "s");
  return app::exit_storage;
}

std::string sequence_text(Sequence sequence) { return fmt::format("{:016x}", sequence.value); }

}  // namespace pbxbridge::cli
