// Appends causes to a spool, which asks for what follows from them, until it is killed: derivation_writer SPOOL
// FIRST_NUMBER.

#include "derivation_run.hpp"
#include "open_spool.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace {

void write_until_killed(const char* spool_directory, std::uint64_t number) {
  pbxbridge::spool::OpenSpool spool(pbxbridge::test::spool_of_derivations(spool_directory));
  spool->open_cursor("lake", pbxbridge::spool::Start::earliest);
  pbxbridge::test::LatestOfEachRow latest;
  spool->set_derive([&latest] { return latest.derive(); });
  spool->start();
  std::puts("writing");
  std::fflush(stdout);
  for (;; ++number) {
    if (!spool.run_until([&] { return spool->has_room(); })) throw std::runtime_error("there is no room");
    auto cause = pbxbridge::test::cause_of(number);
    const auto* const event = cause.get();
    if (spool->append(cause)) throw std::runtime_error("rejected");
    latest.add(number, *event);
    if (!latest.empty()) spool->expect_derived();
    if (number % 64 == 0) spool.run_what_is_due();
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    write_until_killed(arguments[1], std::stoull(arguments[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
