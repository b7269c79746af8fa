#include "spool/dead_letters/dead_letter_office.hpp"

#include "pbxbridge/event.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <shared_mutex>
#include <utility>

namespace pbxbridge::spool {

namespace {

// Letters that are read at once, and are in memory in addition to the sink's own.
constexpr std::size_t redrive_letters = 64;
constexpr std::size_t redrive_bytes = 1024 * 1024;

}  // namespace

/// A change that waits for the commit thread: either that takes it, or it fails, whichever comes first.
class DeadLetterOffice::Request {
 public:
  explicit Request(Changed changed) : changed_(std::move(changed)) {}

  /// Any thread; true once.
  bool take() { return !taken_.exchange(true); }
  void answer(const Result<std::uint64_t>& letters) const { changed_(letters); }

 private:
  std::atomic<bool> taken_{false};
  const Changed changed_;
};

std::map<std::string, DeadLetterCount> DeadLetterOffice::counts() const {
  const std::shared_lock lock(slot_.mutex, std::try_to_lock);
  if (!lock || !slot_.store) return {};
  return slot_.store->letters().counts();
}

void DeadLetterOffice::redrive(const std::string& sink, const std::string& key, Changed changed) {
  change([sink, key](DeadLetterStore& letters) { return letters.mark_for_redrive(sink, key); },
         [this, sink, changed = std::move(changed)](const Result<std::uint64_t>& letters) {
           start_over(redrives_[sink]);
           redriven_();
           changed(letters);
         });
}

void DeadLetterOffice::drop(const std::string& sink, const std::string& key, Changed changed) {
  change([sink, key](DeadLetterStore& letters) { return letters.drop(sink, key); },
         [this, sink, changed = std::move(changed)](const Result<std::uint64_t>& letters) {
           start_over(redrives_[sink]);
           redriven_();
           changed(letters);
         });
}

/// Letters that are on the disk no more, or are asked for again, may be among those that were read.
void DeadLetterOffice::start_over(Redrive& redrive) {
  redrive.wanted = true;
  redrive.outdated = true;
  redrive.after.clear();
  for (const DeadLetter& letter : redrive.waiting) redrive.out.erase(dead_letter_key(letter));
  redrive.waiting.clear();
}

std::vector<DeadLetter> DeadLetterOffice::take_redriven(const std::string& sink) {
  Redrive& redrive = redrives_[sink];
  if (redrive.waiting.empty()) read_redriven(sink);
  return std::exchange(redrive.waiting, {});
}

bool DeadLetterOffice::is_reading(const std::string& sink) const {
  const auto redrive = redrives_.find(sink);
  return redrive != redrives_.end() && redrive->second.reading;
}

void DeadLetterOffice::read_redriven(const std::string& sink) {
  Redrive& redrive = redrives_[sink];
  if (!redrive.wanted || redrive.reading) return;
  redrive.reading = true;
  redrive.outdated = false;
  reader_.order([this, watch = lifetime_.watch(), &io = io_, sink, after = redrive.after](const BatchStore* store) {
    std::optional<std::vector<DeadLetter>> letters;
    if (store != nullptr) letters = store->letters().marked_for_redrive(sink, after, redrive_letters, redrive_bytes);
    boost::asio::post(io, [this, watch, sink, letters = std::move(letters)]() mutable {
      if (!watch.is_over()) has_read(sink, std::move(letters));
    });
  });
}

/// A letter that has come back meanwhile may be among them as it was before.
void DeadLetterOffice::has_read(const std::string& sink, std::optional<std::vector<DeadLetter>> letters) {
  Redrive& redrive = redrives_[sink];
  redrive.reading = false;
  if (!letters) return;  // there was no store: when they are asked for again
  if (redrive.outdated) return read_redriven(sink);
  redrive.wanted = !letters->empty();
  if (!redrive.wanted) return;
  redrive.after = dead_letter_key(letters->back());
  for (DeadLetter& letter : *letters)
    if (redrive.out.insert(dead_letter_key(letter)).second) redrive.waiting.push_back(std::move(letter));
  redriven_();
}

void DeadLetterOffice::bury(const std::string& sink, DeadLetter letter) {
  const std::string key = dead_letter_key(letter);
  commits_.bury(sink, std::move(letter));
  if (redrives_[sink].out.contains(key)) has_come_back(sink, key);
}

void DeadLetterOffice::give_back(const std::string& sink, const DeadLetter& letter) {
  Redrive& redrive = redrives_[sink];
  redrive.out.erase(dead_letter_key(letter));
  start_over(redrive);
}

void DeadLetterOffice::forget(const std::string& sink, const DeadLetter& letter) {
  commits_.forget(sink, letter);
  has_come_back(sink, dead_letter_key(letter));
}

/// The disk knows of it when this commit is through; until then it would be found there as it was.
void DeadLetterOffice::has_come_back(const std::string& sink, const std::string& key) {
  commits_.run_on_store([this, watch = lifetime_.watch(), sink, key](BatchStore*) {
    boost::asio::post(io_, [this, watch, sink, key] {
      if (watch.is_over()) return;
      redrives_[sink].out.erase(key);
      redrives_[sink].outdated = true;
    });
  });
}

void DeadLetterOffice::reject_changes(Error why) {
  rejection_ = std::move(why);
  for (const auto& request : std::exchange(requests_, {}))
    if (request->take()) request->answer(*rejection_);
}

void DeadLetterOffice::change(std::function<Result<std::uint64_t>(DeadLetterStore&)> change, Changed changed) {
  if (rejection_) return changed(*rejection_);
  const auto request = std::make_shared<Request>(std::move(changed));
  requests_.push_back(request);
  commits_.run_on_store([this, watch = lifetime_.watch(), change = std::move(change), request](BatchStore* store) {
    if (!request->take()) return;
    const Error no_store{ErrorCategory::storage, "the spool does not take writes any more"};
    boost::asio::post(io_, [this, watch, request,
                            letters = store == nullptr ? Result<std::uint64_t>(no_store) : change(store->letters())] {
      if (watch.is_over()) return;
      requests_.remove(request);
      request->answer(letters);
    });
  });
}

}  // namespace pbxbridge::spool
