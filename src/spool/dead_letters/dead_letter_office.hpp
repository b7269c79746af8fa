#pragma once

#include "async/lifetime.hpp"
#include "spool/dead_letters/dead_letter_store.hpp"
#include "spool/dead_letters/dead_letters.hpp"
#include "spool/log/commit_queue.hpp"
#include "spool/log/disk_reader.hpp"
#include "spool/store/store_slot.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// The dead letters of a spool in use, on the side of the io thread: what sinks and an operator want of them is carried
/// out on the commit thread, and what is to be delivered after all is read on the reader's and waits here for its sink.
/// Io thread.
class DeadLetterOffice final : public DeadLetters {
 public:
  /// The number of letters.
  using Changed = std::function<void(const Result<std::uint64_t>&)>;

  /// `redriven` is called when there is something to take.
  DeadLetterOffice(boost::asio::io_context& io, StoreSlot& slot, DiskReader& reader, CommitQueue& commits,
                   std::function<void()> redriven)
      : io_(io), slot_(slot), reader_(reader), commits_(commits), redriven_(std::move(redriven)) {}
  DeadLetterOffice(const DeadLetterOffice&) = delete;
  DeadLetterOffice& operator=(const DeadLetterOffice&) = delete;

  std::map<std::string, DeadLetterCount> counts() const;
  void redrive(const std::string& sink, const std::string& key, Changed changed);
  void drop(const std::string& sink, const std::string& key, Changed changed);

  std::vector<DeadLetter> take_redriven(const std::string& sink) override;
  /// Returns whether letters that are to be delivered after all are being read; then `redriven` follows, unless there
  /// are none.
  bool is_reading(const std::string& sink) const;
  void bury(const std::string& sink, DeadLetter letter) override;
  void give_back(const std::string& sink, const DeadLetter& letter) override;
  void forget(const std::string& sink, const DeadLetter& letter) override;

  /// Nothing can be written for now: who waits for a change, or asks for one, is told why, and it is not carried out.
  void reject_changes(Error why);
  void take_changes() { rejection_.reset(); }

 private:
  struct Redrive {
    bool wanted = true;  // from an earlier life, too
    bool reading = false;
    bool outdated = false;            // the letters being read were asked for before they changed
    std::string after;                // key of the last letter that was read
    std::vector<DeadLetter> waiting;  // read, and not taken yet
    std::set<std::string> out;        // keys of letters that wait or were taken, and are still on the disk
  };
  class Request;

  void read_redriven(const std::string& sink);
  void has_read(const std::string& sink, std::optional<std::vector<DeadLetter>> letters);
  void start_over(Redrive& redrive);
  void has_come_back(const std::string& sink, const std::string& key);
  void change(std::function<Result<std::uint64_t>(DeadLetterStore&)> change, Changed changed);

  boost::asio::io_context& io_;
  StoreSlot& slot_;
  DiskReader& reader_;
  CommitQueue& commits_;
  const std::function<void()> redriven_;
  std::map<std::string, Redrive> redrives_;       // by sink
  std::list<std::shared_ptr<Request>> requests_;  // that wait for the commit thread
  std::optional<Error> rejection_;
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::spool
