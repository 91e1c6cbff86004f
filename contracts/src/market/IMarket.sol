// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Job} from "../pinpoint/IReferee.sol";

enum TaskStatus {
    None,
    /// Waits for a solver of the next segment.
    Open,
    /// A claim is being worked on, or waits out its challenges.
    Taken,
    /// Terminal: every step is proven.
    Done,
    /// Terminal: ended before; what was proven stays proven.
    Closed
}

enum ClaimStatus {
    None,
    Working,
    /// Open to attestation and challenge.
    Proven,
    /// Terminal: paid.
    Settled,
    /// Terminal: false.
    Slashed,
    /// Terminal: nothing was delivered, or nobody could get it.
    Abandoned
}

enum ChallengeStatus {
    None,
    Playing,
    /// Right against a claim; its share of the prize is not paid yet.
    Won,
    /// Terminal.
    Resolved
}

/// What a submitter asks for.
struct Submission {
    Job job;
    /// Entries of the graph's list (its header and its nodes) and the tree over them: SHA256(LIST_TAG, entries, tree) is its root.
    uint32 entries;
    bytes32 graphTree;
    /// 0, or a task that is done: this one starts from its final state.
    uint64 parent;
    /// Steps of a claim: whole checkpoint intervals, or all there are.
    uint64 segment;
    /// For the whole task. The reward of a segment rises from the least to the most in `rise` seconds, then stays.
    uint128 rewardMin;
    uint128 rewardMax;
    uint32 rise;
    /// Seconds that a solver has for a segment.
    uint32 workTime;
    /// Until when segments may be claimed.
    uint40 deadline;
    /// Where the job is: its CID.
    string artefacts;
}

/// In the order in which it fills words of storage.
struct Task {
    address submitter;
    TaskStatus status;
    /// Of the parameters that hold for it.
    uint32 version;
    uint40 deadline;
    bytes32 job;
    bytes32 graph;
    /// Root of the state proven last.
    bytes32 state;
    uint32 entries;
    uint64 interval;
    uint64 firstStep;
    uint64 steps;
    uint32 rise;
    /// Steps proven.
    uint64 done;
    uint64 segment;
    uint128 rewardMin;
    uint128 rewardMax;
    uint32 workTime;
    /// Since when the reward of this segment rises.
    uint40 openedAt;
    /// The claim at work; 0 for none.
    uint56 claim;
    uint256 escrow;
}

/// In the order in which it fills words of storage.
struct Claim {
    uint40 task;
    address solver;
    ClaimStatus status;
    /// Games that are not resolved, and commitments to challenges that are neither made nor taken back.
    uint24 games;
    uint24 pending;
    uint128 stake;
    /// For all of its steps.
    uint128 reward;
    /// First step, counted in the task, and number of steps claimed and delivered.
    uint64 from;
    uint64 steps;
    uint64 delivered;
    uint64 provenBlock;
    uint40 deadline;
    /// Last second in which attestations may be committed, revealed, and challenges committed, revealed.
    uint40 commitEnd;
    uint40 revealEnd;
    uint40 challengeEnd;
    uint40 windowsEnd;
    /// Once the sample is drawn: the committee, how many of it could not get the artefacts, and the checkpoint interval to attest to.
    uint8 members;
    uint8 unavailable;
    uint40 sample;
    bytes32 seed;
    /// State roots before the first step and after the last delivered.
    bytes32 before;
    bytes32 state;
    /// Root of the tree over the state roots after each interval.
    bytes32 root;
    /// What each member earns, once settled or slashed.
    uint96 fee;
    /// Of a slashed claim: what is left for its challengers that were right, and how many of these are not paid yet.
    uint128 prize;
    uint24 winners;
}

/// A seat's part in a claim.
struct Duty {
    bytes32 commitment;
    /// Operator list of the last step of the sampled interval; UNAVAILABLE where artefacts could not be had.
    bytes32 trace;
    bool assigned;
    bool revealed;
    bool lost;
    uint32 games;
}

struct Challenge {
    address challenger;
    uint64 claim;
    ChallengeStatus status;
    uint128 bond;
    /// 0 for the claim itself, or the seat whose attestation is challenged; DEMAND where a piece of a state is wanted.
    uint64 seat;
    uint64 game;
}

/// @title The market: tasks are posted with their reward, claimed with a stake, delivered, sampled, disputed, settled.
/// @notice Every function moves one step of one claim, takes no loop but over eight seats (and `submitFrom` over what it is given), and sends nothing to anybody: money is
/// credited, and its owner withdraws it. There is no owner, no proxy, no pause. Functions that only move on what time has decided
/// may be called by anyone.
interface IMarket {
    error NotSubmitter(address caller, address submitter);
    error NotSolver(address caller, address solver);
    error WrongTaskStatus(uint256 task, TaskStatus status);
    error WrongClaimStatus(uint256 claim, ClaimStatus status);
    error WrongChallengeStatus(uint256 challenge, ChallengeStatus status);
    error BadSubmission(bytes32 what);
    error OtherGraph(bytes32 found, bytes32 expected);
    error OtherStart(bytes32 found, bytes32 expected);
    error OtherStep(uint256 found, uint256 expected);
    error TooLittleReward(uint256 reward, uint256 wanted);
    error TooEarly(uint256 now_, uint256 from);
    error TooLate(uint256 now_, uint256 until);
    error NoProgress(uint256 records, uint256 least, uint256 most);
    error OtherPath(uint256 length, uint256 expected);
    error OtherRoot(bytes32 found, bytes32 expected);
    error AlreadyDrawn(uint256 claim);
    error NotDrawn(uint256 claim);
    error NotAssigned(uint256 seat);
    error OtherSeed(bytes32 found, bytes32 expected);
    error AlreadyRevealed(uint256 seat);
    error OtherCommitment(bytes32 found, bytes32 expected);
    error AlreadyCommitted(address account);
    error GamesRunning(uint256 games);
    error NothingToTakeBack(address account);

    event Submitted(uint256 indexed task, address indexed submitter, string artefacts);
    /// Of a task that was submitted with `submitFrom`.
    event StartedFrom(uint256 indexed task, uint64[] parents, bytes wiring);
    event Profiled(uint256 indexed task, address indexed by, uint64 nanosecondsPerStep, uint64 bytesOfMemory);
    event Claimed(uint256 indexed task, uint256 indexed claim, address indexed solver, uint64 from, uint64 steps, uint128 reward, uint128 stake);
    event Delivered(uint256 indexed claim, uint64 records, bytes32 root, bytes32 state, string artefacts);
    event Proven(uint256 indexed claim);
    event Drawn(uint256 indexed claim, bytes32 seed, uint64 sample, uint256[] seats);
    event AttestationCommitted(uint256 indexed claim, uint256 indexed seat, bytes32 commitment);
    event Attested(uint256 indexed claim, uint256 indexed seat, bytes32 trace);
    event ChallengeCommitted(uint256 indexed claim, address indexed challenger, bytes32 commitment);
    event Challenged(uint256 indexed claim, uint256 indexed challenge, address indexed challenger, uint256 seat, uint256 game);
    event Demanded(
        uint256 indexed claim,
        uint256 indexed challenge,
        address indexed challenger,
        uint64 record,
        uint64 entry,
        uint64 piece,
        uint256 game
    );
    event ChallengeResolved(uint256 indexed challenge, bool upheld);
    event PrizePaid(uint256 indexed challenge, address indexed challenger, uint256 amount);
    event ClaimEnded(uint256 indexed claim, ClaimStatus status, uint128 paid);
    event TaskEnded(uint256 indexed task, TaskStatus status, bytes32 state, uint256 refund);

    // Submitter.

    /// Escrows the most that the task can cost: the highest reward and the committee's fees on it.
    function submit(Submission calldata submission) external returns (uint256 task);
    /// The same for a task that starts from entries of the final states of tasks that are done, picked and named anew (`Selections`). All of
    /// these tasks have to end at the same step; the submission names no `parent`.
    function submitFrom(Submission calldata submission, uint64[] calldata parents, bytes calldata opened, bytes calldata wiring)
        external
        returns (uint256 task);
    /// Says what a step took where the caller ran one. For information: nothing depends on it.
    function profile(uint256 task, uint64 nanosecondsPerStep, uint64 bytesOfMemory) external;
    /// Ends a task that nobody works on: the submitter at any time, anyone after its deadline. What is left is refunded.
    function close(uint256 task) external;

    // Solver.

    /// What the next segment of the task pays now.
    function rewardOf(uint256 task) external view returns (uint128 reward, uint128 stake);
    /// @param from Steps done, as the caller knows it.
    /// @param least The least reward that the caller takes.
    function claim(uint256 task, uint64 from, uint128 least) external returns (uint256);
    /// Delivers a part: what is paid if the solver stops here.
    /// @param records Checkpoint intervals done.
    /// @param root Of the tree over the state roots after each of them.
    /// @param state Root of the last of these states, and its path.
    /// @param artefacts CID of the records and states.
    function checkpoint(uint256 claim_, uint64 records, bytes32 root, bytes32 state, bytes32[] calldata path, string calldata artefacts) external;
    /// Ends the work with what was delivered last: all steps, or fewer for that part of the reward.
    function prove(uint256 claim_, bytes32 root) external;
    /// After the deadline, by anyone: the last checkpoint becomes the proof; without one the claim is abandoned.
    function stop(uint256 claim_) external;
    /// After all windows and games, by anyone. Where most of the committee could not get the artefacts the claim is abandoned.
    function settle(uint256 claim_) external;

    // Verifiers.

    /// Takes the randomness of this block, by anyone, in a block after the proof.
    function draw(uint256 claim_) external;
    /// @param seed Of the drawing that it is about: after a reorganisation the seat may be drawn for another interval.
    /// @param commitment keccak256(abi.encode(claim, seat, trace, owner of the seat, salt))
    function commitAttestation(uint256 claim_, uint256 seat, bytes32 seed, bytes32 commitment) external;
    function revealAttestation(uint256 claim_, uint256 seat, bytes32 trace, bytes32 salt) external;
    /// Ends a duty once the claim has ended, by anyone: the fee, or the penalty for silence.
    function release(uint256 claim_, uint256 seat) external;

    // Whistleblowers.

    /// Puts up the bond. @param commitment keccak256(abi.encode(claim, seat, root, disputed, challenger, salt)), `disputed` being the root
    /// of the claim, or the operator list that the seat attested to: under another number of a claim it opens nothing.
    function commitChallenge(uint256 claim_, bytes32 commitment) external;
    /// In a later block: says what was committed to, and begins the game. Also if the claim has fallen since, for a share of the prize.
    /// @param seat 0 for the claim, or the seat whose attestation is challenged.
    /// @param root Of the tree over the right state roots, or the right operator list of the attestation.
    /// @param before Against an attestation to an interval that is not the first: the state root before it, and its path.
    /// @param first Opens the challenger's root.
    function challenge(uint256 claim_, uint256 seat, bytes32 root, bytes32 salt, bytes32[] calldata before, bytes32[] calldata first)
        external
        returns (uint256 number);
    /// Wants to see a piece of a state that the claim is over, for a fee: until `challengeEnd`, by anyone, with the bond of a challenge. The solver
    /// has its clock to put it on the chain (Pinpoint's `answer`), and then the fee is its and the rest of the bond goes back; else the claim is
    /// false, and this a challenge that was right.
    /// @param root Of the claim, as the caller knows it.
    /// @param record The state after so many checkpoint intervals of the claim.
    /// @param entry Entry of the state, and `piece` which 128 chunks of its tensor, from 0 on. Where there are none, that is the answer.
    function demand(uint256 claim_, bytes32 root, uint64 record, uint64 entry, uint64 piece) external returns (uint256 number);
    /// Takes back the bond of a challenge that was committed to and not made.
    function takeBack(uint256 claim_) external;
    /// Once the game is over, by anyone. The first that is upheld against a claim slashes it; the last pays its winner.
    function resolve(uint256 number) external;
    /// Pays a challenge that was right its share of a slashed claim, once no game against it runs or can begin, by anyone; the prize of a
    /// claim against which nobody was right goes to the jackpot.
    function collect(uint256 number) external;
}
