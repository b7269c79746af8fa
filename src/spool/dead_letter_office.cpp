#include "spool/dead_letter_office.hpp"

#include <boost/asio/post.hpp>

#include <shared_mutex>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::size_t redrive_batch = 64;

}  // namespace

std::map<std::string, DeadLetterCount> DeadLetterOffice::counts() const {
  const std::shared_lock lock(slot_.mutex, std::try_to_lock);
  if (!lock || !slot_.store) return {};
  return slot_.store->letters().counts();
}

void DeadLetterOffice::redrive(const std::string& sink, const std::string& key, Changed changed) {
  change([sink, key](DeadLetterStore& letters) { return letters.mark_for_redrive(sink, key); },
         [this, sink, changed = std::move(changed)](const Result<std::uint64_t>& letters) {
           redrives_[sink] = {};
           changed(letters);
         });
}

void DeadLetterOffice::drop(const std::string& sink, const std::string& key, Changed changed) {
  change([sink, key](DeadLetterStore& letters) { return letters.drop(sink, key); }, std::move(changed));
}

std::vector<DeadLetter> DeadLetterOffice::take_redriven(const std::string& sink) {
  Redrive& redrive = redrives_[sink];
  if (!redrive.wanted) return {};
  const std::shared_lock lock(slot_.mutex, std::try_to_lock);
  if (!lock || !slot_.store) return {};
  auto letters = slot_.store->letters().marked_for_redrive(sink, redrive.after, redrive_batch);
  if (letters.empty())
    redrive.wanted = false;
  else
    redrive.after = dead_letter_key(letters.back());
  return letters;
}

void DeadLetterOffice::change(std::function<Result<std::uint64_t>(DeadLetterStore&)> change, Changed changed) {
  commits_.run_on_store([this, alive = alive_, change = std::move(change),
                         changed = std::move(changed)](BatchStore* store) {
    const Error no_store{ErrorCategory::storage, "the spool does not take writes at the moment"};
    boost::asio::post(
        io_, [alive, changed, letters = store == nullptr ? Result<std::uint64_t>(no_store) : change(store->letters())] {
          if (*alive) changed(letters);
        });
  });
}

}  // namespace pbxbridge::spool
